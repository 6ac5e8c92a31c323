namespace Microsoft.ML.SynCse;

/// <summary>Options of one call of <see cref="SentenceEncoder.Encode"/> or <see cref="SentenceEncoder.EncodeAsync"/>.</summary>
public sealed class EncodingOptions
{
    /// <summary>How many sentences are sorted by length together; at least 1. Default: 4,096.</summary>
    /// <remarks>A stream holds at most this many sentences and their vectors at a time. More means less padding and more memory.</remarks>
    public int WindowSize { get; init; } = 4096;

    internal void Validate()
    {
        if (WindowSize < 1) throw new ArgumentOutOfRangeException(nameof(WindowSize), WindowSize, "EncodingOptions.WindowSize must be at least 1.");
    }
}
