using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>A sentence to write texts for.</summary>
/// <param name="Sentence">As it was given.</param>
/// <param name="Position">Its place in the input, from 0.</param>
/// <param name="Genre">The genre, if a model wrote the sentence.</param>
/// <param name="Topic">The topics, if a model wrote the sentence.</param>
internal sealed record SentenceJob(string Sentence, long Position, string? Genre = null, string? Topic = null)
{
    /// <summary>Neighbours in the input, as many as go into a request; the last group may be smaller.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<SentenceJob>> InGroups(
        IAsyncEnumerable<string> sentences, int size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<SentenceJob> group = [];
        long position = 0;
        await foreach (string? sentence in sentences.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            group.Add(new SentenceJob(sentence ?? "", position++));
            if (group.Count < size) continue;
            yield return group;
            group = [];
        }
        if (group.Count > 0) yield return group;
    }

    /// <summary>The outcome of a sentence that no request is sent for.</summary>
    public SynthesisOutcome LeftOut(string why) => new()
    {
        Anchor = Sentence,
        RejectionReason = RejectionReason.OfInput(why),
        Attempts = 0,
        FromJournal = true,
        InputTokens = 0,
        OutputTokens = 0,
        Genre = Genre,
        Topic = Topic,
    };

    /// <summary>An outcome of the journal, as this sentence's.</summary>
    public SynthesisOutcome FromJournal(SynthesisOutcome stored)
        => stored with { Anchor = Sentence, Genre = stored.Genre ?? Genre, Topic = stored.Topic ?? Topic };

    /// <summary>The outcome of an equal sentence of this run, as this sentence's; the requests are counted for the first one.</summary>
    public SynthesisOutcome Copy(SynthesisOutcome first)
        => first with
        {
            Anchor = Sentence,
            Attempts = 0,
            FromJournal = true,
            InputTokens = 0,
            OutputTokens = 0,
            Genre = Genre,
            Topic = Topic,
        };
}

/// <summary>The key of a sentence in a journal.</summary>
internal static class SentenceHash
{
    /// <summary>SHA-256 of the sentence's UTF-8 bytes.</summary>
    public static byte[] Of(string sentence) => SHA256.HashData(Encoding.UTF8.GetBytes(sentence));
}

/// <summary>A sentence while its texts are written.</summary>
internal sealed class SentenceState(SentenceJob job, string anchor)
{
    /// <summary>The sentence as it was given.</summary>
    public SentenceJob Job => job;

    /// <summary>The sentence as it is sent.</summary>
    public string Anchor => anchor;

    /// <summary>Its key in the journal.</summary>
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

    /// <summary>Why it was given up; null if it was not.</summary>
    public RejectionReason? Rejection { get; set; }

    /// <summary>
    /// If a refusal ended it: knows when it is decided whether the provider refuses this request or all. Null if that is decided, or
    /// nothing was refused.
    /// </summary>
    public Refusal? Refusal { get; set; }

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

    /// <summary>What became of it.</summary>
    public SynthesisOutcome ToOutcome() => new()
    {
        Anchor = job.Sentence,
        Example = Rejection is null ? new(anchor, Positives, Negatives) : null,
        RejectionReason = Rejection,
        Scores = Scores.Count > 0 ? Scores : null,
        Attempts = Attempts,
        FromJournal = !Asked,
        InputTokens = InputTokens,
        OutputTokens = OutputTokens,
        Genre = job.Genre,
        Topic = job.Topic,
    };

    /// <summary>What the journal keeps of it.</summary>
    /// <param name="optionsKey">The options; null: not final, so that a later run tries again.</param>
    public OutcomeRow ToRow(byte[]? optionsKey) => new(Key, optionsKey, job.Position, ToOutcome() with { Anchor = anchor });
}
