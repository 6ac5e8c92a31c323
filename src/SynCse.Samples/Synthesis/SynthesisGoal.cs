namespace SynCse.Samples;

/// <summary>When a run is done.</summary>
/// <param name="Sentences">A number of sentences; null: not known.</param>
/// <param name="Accepted">Whether only accepted ones count.</param>
internal sealed record SynthesisGoal(long? Sentences, bool Accepted);
