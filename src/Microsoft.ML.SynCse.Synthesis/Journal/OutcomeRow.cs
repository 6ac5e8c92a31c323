namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A sentence's outcome as the journal keeps it.</summary>
internal sealed record OutcomeRow
{
    /// <summary>SHA-256 of the anchor.</summary>
    public required byte[] AnchorKey { get; init; }

    /// <summary>The options it was made with; null: it was imported and suits all, or it is not final (a fault) and suits none.</summary>
    public byte[]? OptionsKey { get; init; }

    /// <summary>The sentence's place in the input, from 0.</summary>
    public required long Position { get; init; }

    /// <summary>The sentence, as it was sent.</summary>
    public required string Anchor { get; init; }

    /// <summary>Its positives; null where it was rejected.</summary>
    public IReadOnlyList<string>? Positives { get; init; }

    /// <summary>Its hard negatives; null where it was rejected.</summary>
    public IReadOnlyList<string>? Negatives { get; init; }

    /// <summary>What the pair checks measured.</summary>
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Why it was rejected.</summary>
    public string? RejectedBecause { get; init; }

    /// <summary>Replies read for it.</summary>
    public required int Attempts { get; init; }

    /// <summary>Their input tokens.</summary>
    public required long InputTokens { get; init; }

    /// <summary>Their output tokens.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The genre, where the model wrote the sentence.</summary>
    public string? Genre { get; init; }

    /// <summary>The topics, likewise.</summary>
    public string? Topic { get; init; }
}
