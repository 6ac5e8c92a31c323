namespace Microsoft.ML.SynCse.Tests;

/// <summary>A value of a type that ML.NET cannot cache, as an image is one.</summary>
public sealed record Thing(int Number);
