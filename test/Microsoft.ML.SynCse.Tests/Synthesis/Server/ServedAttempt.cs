namespace Microsoft.ML.SynCse.Tests;

/// <summary>A line of a scripted server's log: one HTTP request and what became of it.</summary>
/// <param name="AttemptId">The header "x-syncse-attempt".</param>
/// <param name="Ordinal">The request's place in order of arrival, from 1.</param>
/// <param name="Kind">What was done.</param>
/// <param name="ReplyText">The assistant's text, also where it did not all go out.</param>
/// <param name="Completed">
/// Whether all there was to say was written while the client was there; one that leaves at that moment may not have read it.
/// </param>
/// <param name="PromptTokens">What a provider would charge; 0 where the behaviour has no usage.</param>
/// <param name="CompletionTokens">As <paramref name="PromptTokens"/>.</param>
/// <param name="StartedAt">When the request's head had been read.</param>
/// <param name="EndedAt">When the server was done with it.</param>
internal sealed record ServedAttempt(
    string? AttemptId,
    long Ordinal,
    ServerBehaviorKind Kind,
    string? ReplyText,
    bool Completed,
    int PromptTokens,
    int CompletionTokens,
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt);
