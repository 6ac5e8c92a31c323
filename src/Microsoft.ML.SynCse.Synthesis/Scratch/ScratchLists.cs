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
            return new(_genres[_genreDraw.Draw(_seed, genre, 1)[0]],
                [.. _topicDraw.Draw(_seed, topics, _topicsPerRequest).Select(i => _topics[i])]);
        }
    }
}

/// <summary>What one list of sentences is asked to be.</summary>
/// <param name="Genre">The kind of text.</param>
/// <param name="Topics">What it is about.</param>
internal sealed record ScratchList(string Genre, IReadOnlyList<string> Topics)
{
    /// <summary>The topics in one text, as outcomes hold them.</summary>
    public string Topic { get; } = string.Join(", ", Topics);
}
