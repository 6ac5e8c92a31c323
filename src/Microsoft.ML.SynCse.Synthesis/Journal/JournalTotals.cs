namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>What all requests of a journal used.</summary>
/// <param name="Requests">How many were sent.</param>
/// <param name="InputTokens">Their input tokens.</param>
/// <param name="OutputTokens">Their output tokens.</param>
internal readonly record struct JournalTotals(long Requests, long InputTokens, long OutputTokens);
