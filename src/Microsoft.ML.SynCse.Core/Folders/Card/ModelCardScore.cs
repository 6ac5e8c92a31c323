namespace Microsoft.ML.SynCse;

/// <summary>A figure of an encoder before and after its training.</summary>
/// <param name="Name">What was measured, and on what.</param>
/// <param name="Before">The start encoder's; null where it was not measured.</param>
/// <param name="After">The encoder's.</param>
public sealed record ModelCardScore(string Name, double? Before, double After);
