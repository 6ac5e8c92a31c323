namespace Microsoft.ML.SynCse.Bench;

/// <summary>One way to do a piece of work.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Work">Its floating-point operations on real tokens.</param>
/// <param name="Units">What it does of what, for the figure a second.</param>
/// <param name="Run">Does it once.</param>
internal sealed record Peer(string Name, double Work, (double Count, string Unit) Units, Action Run);
