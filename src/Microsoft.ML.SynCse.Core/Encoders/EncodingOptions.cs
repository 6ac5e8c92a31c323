namespace Microsoft.ML.SynCse;

/// <summary>Options of one call of <see cref="TextEncoder.Encode"/> or <see cref="TextEncoder.EncodeStreamingAsync"/>.</summary>
/// <remarks>An immutable record: set properties when it is made, or copy it with <c>with</c>. It may be shared between threads.</remarks>
public sealed record EncodingOptions
{
    /// <summary>How many sentences are sorted by length together; at least 1. Default: 4,096.</summary>
    /// <remarks>A stream holds at most this many sentences and their vectors at a time. More means less padding and more memory.</remarks>
    public int WindowSize { get; init; } = 4096;

    /// <summary>The name of the prompt to put before every sentence, one of <see cref="TextEncoder.Prompts"/>; empty for no prompt.
    /// Default: null, the encoder's <see cref="TextEncoder.DefaultPromptName"/>.</summary>
    /// <remarks>Models such as E5 and BGE need different prompts for queries and passages; their folder names them.</remarks>
    public string? PromptName { get; init; }

    /// <summary>The prompt itself, as it stands before every sentence, white space included; empty for no prompt. Default: null, as
    /// <see cref="PromptName"/> says. Not both.</summary>
    public string? Prompt { get; init; }

    /// <summary>The length of the vectors: the encoder's own, or one of <see cref="TextEncoder.MatryoshkaDimensions"/>. Default: null,
    /// the encoder's own.</summary>
    /// <remarks>A shorter vector is the start of the whole one, scaled to length 1 again where
    /// <see cref="TextEncoder.Normalized"/>.</remarks>
    public int? Dimensions { get; init; }

    internal void Validate()
    {
        if (WindowSize < 1) throw new ArgumentOutOfRangeException(
            nameof(WindowSize), WindowSize, "EncodingOptions.WindowSize must be at least 1.");
        if (Prompt is not null && PromptName is not null) throw new ArgumentException(
            "EncodingOptions has both a Prompt and a PromptName; give one of the two.", nameof(PromptName));
    }
}

/// <summary>How far an <see cref="TextEncoder.Encode"/> is; reported after every batch.</summary>
/// <remarks>Immutable, so it may be shared between threads.</remarks>
/// <param name="Done">Sentences encoded so far.</param>
/// <param name="Total">Sentences in this call.</param>
/// <param name="Tokens">Tokens encoded so far, special tokens included, padding not.</param>
public sealed record EncodingProgress(long Done, long Total, long Tokens);
