namespace Microsoft.ML.SynCse.Encoders;

/// <summary>A tensor that an architecture needs.</summary>
/// <param name="Name">Its name in the model's files, without the architecture's prefix.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record WeightSpec(string Name, long[] Shape);
