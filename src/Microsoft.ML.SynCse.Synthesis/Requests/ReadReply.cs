using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>A reply with what was made of it.</summary>
/// <param name="Reply">The reply.</param>
/// <param name="Reading">What was made of it.</param>
internal sealed record ReadReply<T>(StoredReply Reply, T Reading) where T : IReplyReading;
