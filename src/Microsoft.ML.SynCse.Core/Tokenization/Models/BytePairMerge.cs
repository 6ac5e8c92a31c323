namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>What two neighbouring tokens become, and how early: the lower rank goes first.</summary>
internal readonly record struct BytePairMerge(int Rank, int Merged);
