namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>What replies to requests for one text used, where the provider told it.</summary>
/// <param name="Replies">How many.</param>
/// <param name="Rejected">How many of them were rejected.</param>
/// <param name="MeanInput">Input tokens of one.</param>
/// <param name="MeanOutput">Output tokens of one.</param>
internal readonly record struct LearnedUsage(long Replies, long Rejected, double MeanInput, double MeanOutput);
