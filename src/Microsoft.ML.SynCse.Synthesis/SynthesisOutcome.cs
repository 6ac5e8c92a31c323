namespace Microsoft.ML.SynCse;

/// <summary>What became of one sentence.</summary>
public sealed record SynthesisOutcome
{
    /// <summary>The sentence as it was given.</summary>
    public required string Anchor { get; init; }

    /// <summary>The sentence with its positives and hard negatives; null where it was rejected. Its anchor is the text that <see cref="TripletSynthesisOptions.Redact"/> returned.</summary>
    public TrainingExample? Example { get; init; }

    /// <summary>
    /// Why it was rejected: the part and the rule, check or fault, such as <c>positive: refusal</c>; where the provider refused, with its
    /// words, as <c>positive: refused (http-400: Content Exists Risk)</c>. Null where it was not.
    /// </summary>
    public string? RejectedBecause { get; init; }

    /// <summary>What the pair checks measured, by check, role and index, such as <c>similarity/positive/0</c>; null without pair checks.</summary>
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Replies read for it, from the journal too; a reply to several sentences counts for each.</summary>
    public required int Attempts { get; init; }

    /// <summary>Whether no request was sent for it in this run.</summary>
    public required bool FromJournal { get; init; }

    /// <summary>Input tokens of those replies; of a reply to several sentences, its share.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Output tokens of those replies, counted likewise.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The genre it was written in; null for a given sentence.</summary>
    public string? Genre { get; init; }

    /// <summary>The topics it was written about, with commas between; null for a given sentence.</summary>
    public string? Topic { get; init; }
}
