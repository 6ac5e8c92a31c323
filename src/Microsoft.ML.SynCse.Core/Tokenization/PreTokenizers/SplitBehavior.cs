namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>What becomes of the delimiters that text is cut at; the names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>They go.</summary>
    Removed,

    /// <summary>Each ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece behind it.</summary>
    MergedWithNext,

    /// <summary>Neighbours among them are one piece.</summary>
    Contiguous,
}
