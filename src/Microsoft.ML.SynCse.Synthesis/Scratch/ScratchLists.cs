using System.Globalization;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Scratch;

/// <summary>Draws a genre and topics for each list, by (seed, number of the list).</summary>
internal sealed class ScratchLists
{
    private readonly IReadOnlyList<string> _genres, _topics;
    private readonly RendezvousDraw _genreDraw, _topicDraw;
    private readonly int _seed, _topicsPerRequest;

    public ScratchLists(ScratchSynthesisOptions options, TripletSynthesisOptions triplets)
    {
        (_genres, _topics) = (options.Genres ?? triplets.PromptLibrary.Genres, options.Topics ?? triplets.PromptLibrary.Topics);
        (_genreDraw, _topicDraw) = (new(_genres), new(_topics));
        (_seed, _topicsPerRequest, Size) = (triplets.Seed, options.TopicsPerRequest, options.SentencesPerRequest);
    }

    /// <summary>Sentences in a list.</summary>
    public int Size { get; }

    /// <summary>What list number <paramref name="number"/> is to be.</summary>
    public ScratchList this[long number]
    {
        get
        {
            string name = number.ToString(CultureInfo.InvariantCulture);
            long genre = SeedMixer.Mix(_seed, "genre|" + name), topics = SeedMixer.Mix(_seed, "topics|" + name);
            return new(_genres[_genreDraw.Draw(_seed, genre, 1)[0]], [.. _topicDraw.Draw(_seed, topics, _topicsPerRequest).Select(i => _topics[i])]);
        }
    }
}

/// <summary>What one list of sentences is asked to be.</summary>
/// <param name="Genre">The kind of text.</param>
/// <param name="Topics">What it is about.</param>
internal sealed record ScratchList(string Genre, IReadOnlyList<string> Topics)
{
    /// <summary>The topics as outcomes tell them.</summary>
    public string Topic { get; } = string.Join(", ", Topics);
}

/// <summary>A reply that should be a list of sentences.</summary>
/// <param name="Sentences">The sentences that passed, cleaned.</param>
/// <param name="RejectedBy">The rules that rejected others, one for each.</param>
internal sealed record SentencesReading(IReadOnlyList<string> Sentences, IReadOnlyList<string> RejectedBy) : IReplyReading
{
    private const int Shortest = 3, Longest = 600;

    /// <inheritdoc/>
    public bool AnyAccepted => Sentences.Count > 0;

    /// <inheritdoc/>
    public string? Reason => Sentences.Count > 0 ? null : Without ?? "no usable sentence in the reply";

    /// <summary>Why the reply's text was not read; null where it was.</summary>
    public string? Without { get; init; }

    /// <summary>Reads a reply; the last sentence of one that was cut off is not trusted.</summary>
    public static SentencesReading Of(StoredReply reply, int size)
    {
        if (ReplyReader.WithoutAnswer(reply) is { } without) return new([], [without.Rule]) { Without = without.Reason };
        var written = ReplyJson.Sentences(reply.Text).Take(2 * size).ToList();
        if (reply.Truncated && written.Count > 0) written.RemoveAt(written.Count - 1);
        List<string> sentences = [], rejectedBy = [];
        foreach (var sentence in written)
        {
            // There is no anchor to compare with: the rules that look at the text alone.
            var (text, rule, _) = ReplyRules.Apply(ReplyRules.ForSentences, new ReplyCandidate { Text = sentence, Role = SynthesisRole.Positive, Anchor = "" });
            if (rule is null && text!.Length is < Shortest or > Longest) rule = "length";
            if (rule is null) sentences.Add(text!);
            else rejectedBy.Add(rule);
        }
        if (written.Count == 0) rejectedBy.Add(ReplyReader.WrongForm);
        return new(sentences, rejectedBy);
    }
}
