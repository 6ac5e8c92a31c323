using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A request that is about to leave.</summary>
/// <param name="Attempt">Its id.</param>
/// <param name="Key">What was asked (<see cref="SynthesisRequest.Key"/>).</param>
/// <param name="Kind">positive, negative, group, scratch or judge.</param>
/// <param name="Prompts">The ids of its prompts.</param>
/// <param name="Model">The model it goes to.</param>
/// <param name="InputTokens">Reserved input tokens.</param>
/// <param name="OutputTokens">Reserved output tokens.</param>
/// <param name="SentAt">When.</param>
internal sealed record AttemptStart(string Attempt, byte[] Key, string Kind, string? Prompts, string? Model, long InputTokens, long OutputTokens, DateTimeOffset SentAt);
