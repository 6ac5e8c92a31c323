namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>Where a sentence's outcome will be.</summary>
/// <param name="Group">Its group.</param>
/// <param name="Index">Its place in it, from 0.</param>
internal readonly record struct SentencePlace(SentenceGroup Group, int Index);
