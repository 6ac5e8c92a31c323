using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>A sentence while its texts are written.</summary>
internal sealed class SentenceState(SentenceJob job, string anchor)
{
    /// <summary>What was asked for.</summary>
    public SentenceJob Job => job;

    /// <summary>The sentence as it is sent.</summary>
    public string Anchor => anchor;

    /// <summary>What it is found by in the journal.</summary>
    public byte[] Key { get; } = SentenceHash.Of(anchor);

    /// <summary>Positives accepted so far.</summary>
    public List<string> Positives { get; } = [];

    /// <summary>Hard negatives accepted so far.</summary>
    public List<string> Negatives { get; } = [];

    /// <summary>What the pair checks measured.</summary>
    public SortedDictionary<string, double> Scores { get; } = new(StringComparer.Ordinal);

    /// <summary>Replies read for it.</summary>
    public int Attempts { get; private set; }

    /// <summary>Their input tokens.</summary>
    public long InputTokens { get; private set; }

    /// <summary>Their output tokens.</summary>
    public long OutputTokens { get; private set; }

    /// <summary>Whether a request was sent for it in this run.</summary>
    public bool Asked { get; set; }

    /// <summary>Why it was given up; null while it was not.</summary>
    public string? RejectedBecause { get; set; }

    /// <summary>
    /// Where a refusal was the end of it: when it is known whose the refusal was; null where that is known, or nothing was refused.
    /// </summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Whether it was given up for a fault of the provider, so that a later run tries again.</summary>
    public bool Faulted { get; set; }

    /// <summary>Counts a reply that was read for it.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="share">Among how many sentences its tokens are divided.</param>
    /// <param name="index">Which of them this is, from 0: the first ones carry what does not divide evenly.</param>
    public void Count(StoredReply reply, int share = 1, int index = 0)
    {
        Attempts++;
        InputTokens += Part(reply.InputTokens);
        OutputTokens += Part(reply.OutputTokens);
        Asked |= !reply.FromJournal;

        long Part(long tokens) => tokens / share + (index < tokens % share ? 1 : 0);
    }
}

/// <summary>A sentence to write texts for.</summary>
/// <param name="Sentence">As it was given.</param>
/// <param name="Position">Its place in the input, from 0.</param>
/// <param name="Genre">Where a model wrote it: the genre.</param>
/// <param name="Topic">Where a model wrote it: the topics.</param>
internal sealed record SentenceJob(string Sentence, long Position, string? Genre = null, string? Topic = null);

/// <summary>What a sentence is found by in a journal.</summary>
internal static class SentenceHash
{
    /// <summary>SHA-256 of the sentence's UTF-8 bytes.</summary>
    public static byte[] Of(string sentence) => SHA256.HashData(Encoding.UTF8.GetBytes(sentence));
}

/// <summary>A text that a group's reply holds.</summary>
/// <param name="State">The sentence it is for.</param>
/// <param name="Slot">Which text of it.</param>
/// <param name="Text">The text, as it was written.</param>
/// <param name="Reply">The reply.</param>
/// <param name="Request">The request.</param>
internal sealed record GroupText(SentenceState State, SynthesisSlot Slot, string Text, StoredReply Reply, SynthesisRequest Request);

/// <summary>Cuts a sequence of sentences into groups by their place in it.</summary>
internal static class SentenceGroups
{
    /// <summary>Neighbours, as many as go into a request; the last group may be smaller.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<SentenceJob>> Of(IAsyncEnumerable<string> sentences, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<SentenceJob> group = [];
        long position = 0;
        await foreach (var sentence in sentences.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            group.Add(new SentenceJob(sentence ?? "", position++));
            if (group.Count < size) continue;
            yield return group;
            group = [];
        }
        if (group.Count > 0) yield return group;
    }
}
