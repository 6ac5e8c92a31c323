using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of synthesis from nothing (SynCSE-scratch): the language model writes the sentences too.</summary>
/// <remarks>
/// Immutable, so safe from several threads. Set what differs in an object initializer, or with <c>options with { ... }</c>.
/// </remarks>
public sealed record ScratchSynthesisOptions
{
    /// <summary>
    /// The settings of the triplets, for <see cref="SynCseSynthesisCatalog.SynthesizeTripletsAsync"/>. Default: null, those of
    /// <see cref="TripletSynthesisOptions"/>. A <see cref="TripletSynthesizer"/> has options of its own and refuses these.
    /// </summary>
    public TripletSynthesisOptions? Triplets { get; init; }

    /// <summary>Kinds of text, in words, such as "German product review". Default: null, those of the prompt library.</summary>
    public IReadOnlyList<string>? Genres
    {
        get;
        init => field = ValueList<string>.Of(value);
    }

    /// <summary>What the sentences are about. Default: null, those of the prompt library.</summary>
    public IReadOnlyList<string>? Topics
    {
        get;
        init => field = ValueList<string>.Of(value);
    }

    /// <summary>Topics drawn into a request; at least 1. Default: 3.</summary>
    public int TopicsPerRequest { get; init; } = 3;

    /// <summary>Sentences that a request asks for; at least 1. Default: 20.</summary>
    public int SentencesPerRequest { get; init; } = 20;

    /// <summary>The run ends if the last ten lists gave a smaller share of new sentences than this; from 0 to 1. Default: 0.1.</summary>
    public double MinYield { get; init; } = 0.1;

    /// <summary>
    /// Sentences that share this much of their letter sequences (estimated Jaccard similarity of 4-letter shingles) count as one; over 0
    /// and at most 1, where 1 leaves only equal ones out. Default: 0.7.
    /// </summary>
    public double NearDuplicateSimilarity { get; init; } = 0.7;
}
