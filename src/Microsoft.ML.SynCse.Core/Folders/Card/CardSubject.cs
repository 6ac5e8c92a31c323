namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>What a card says of the encoder itself.</summary>
/// <param name="Architecture">config.json's model_type.</param>
/// <param name="Layers">Its transformer layers.</param>
/// <param name="Dimensions">The length of a vector.</param>
/// <param name="MaxSequenceLength">In tokens.</param>
/// <param name="Pooling">Its pooling.</param>
/// <param name="Normalized">Whether vectors have length 1.</param>
/// <param name="Prompts">The names of its prompts.</param>
/// <param name="DefaultPrompt">The name of the one that is used unasked, if any.</param>
internal sealed record CardSubject(
    string Architecture, int Layers, int Dimensions, int MaxSequenceLength, Pooling Pooling, bool Normalized, IReadOnlyList<string> Prompts, string? DefaultPrompt);
