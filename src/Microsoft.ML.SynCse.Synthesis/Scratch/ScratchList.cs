namespace Microsoft.ML.SynCse.Synthesis.Scratch;

/// <summary>What one list of sentences is asked to be.</summary>
/// <param name="Genre">The kind of text.</param>
/// <param name="Topics">What it is about.</param>
internal sealed record ScratchList(string Genre, IReadOnlyList<string> Topics)
{
    /// <summary>The topics as outcomes tell them.</summary>
    public string Topic { get; } = string.Join(", ", Topics);
}
