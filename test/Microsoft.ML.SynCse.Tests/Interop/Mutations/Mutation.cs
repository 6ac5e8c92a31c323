namespace Microsoft.ML.SynCse.Tests;

/// <summary>A file that was changed.</summary>
/// <param name="Kind">How, for the counts.</param>
/// <param name="Structural">Whether what it is now breaks a rule of the format for sure, so that it must be refused.</param>
/// <param name="Content">What it is now.</param>
internal sealed record Mutation(string Kind, bool Structural, byte[] Content);
