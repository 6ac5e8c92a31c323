namespace Microsoft.ML.SynCse.Tests;

/// <summary>A reply that is no good as it is.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Anchor">The sentence it was written for.</param>
/// <param name="Text">The reply.</param>
/// <param name="Expected">The cleaned text that may pass; null: nothing may.</param>
/// <param name="Truncated">Whether the model was cut off.</param>
/// <param name="Filtered">Whether the provider withheld the answer.</param>
internal sealed record HostileReply(string Kind, string Anchor, string Text, string? Expected = null, bool Truncated = false, bool Filtered = false);
