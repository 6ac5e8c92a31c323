namespace Microsoft.ML.SynCse;

/// <summary>A text that a language model wrote, before it is used.</summary>
public sealed record ReplyCandidate
{
    /// <summary>The text: the content of the reply's JSON string, or the raw reply where it was no JSON; cleaned by the rules before.</summary>
    public required string Text { get; init; }

    /// <summary>What it should be to the anchor.</summary>
    public required SynthesisRole Role { get; init; }

    /// <summary>The sentence it was written for.</summary>
    public required string Anchor { get; init; }

    /// <summary>The positives of this anchor accepted before; a hard negative must not equal one of them.</summary>
    public IReadOnlyList<string> Positives { get; init; } = [];

    /// <summary>Texts of the same role accepted before for this anchor; several positives or negatives must differ.</summary>
    public IReadOnlyList<string> Siblings { get; init; } = [];

    /// <summary>What the exemplars in the request answered; none of them may come back as the answer.</summary>
    public IReadOnlyList<string> Exemplars { get; init; } = [];

    /// <summary>Whether the model was cut off at its token limit (finish reason length).</summary>
    public bool Truncated { get; init; }

    /// <summary>Whether the provider itself withheld the answer (finish reason content filter).</summary>
    public bool Filtered { get; init; }
}
