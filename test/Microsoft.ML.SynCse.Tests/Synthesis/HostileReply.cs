namespace Microsoft.ML.SynCse.Tests;

/// <summary>A reply as weak, confused or careless models write them.</summary>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Anchor">The sentence it answers; unique.</param>
/// <param name="Text">The text.</param>
/// <param name="Expected">What cleaning makes of it, which may pass; null where it must be rejected.</param>
/// <param name="Truncated">Whether the model was cut off.</param>
/// <param name="Filtered">Whether the provider's filter withheld the answer.</param>
/// <param name="Exemplars">Exemplars' answers that were in the request.</param>
internal sealed record HostileReply(string Kind, string Anchor, string Text, string? Expected, bool Truncated, bool Filtered,
    IReadOnlyList<string> Exemplars);
