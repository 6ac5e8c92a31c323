using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>Sends a request to the provider once, and reads what came: a reply, or a fault.</summary>
internal sealed class ProviderCall(IChatClient client, TripletSynthesisOptions options, FaultPolicy faults)
{
    // More reply than this is no sentence; it is kept to this length and counts as cut off.
    private const int LongestReply = 200_000;

    /// <summary>Sends it; a fault is a result here, because it has to be written down before it is thrown.</summary>
    /// <param name="request">The request.</param>
    /// <param name="attempt">The id of this attempt.</param>
    /// <param name="worst">What it can use at most; counted if the provider does not give its usage.</param>
    /// <param name="run">The run; its end ends the call.</param>
    public async Task<(StoredReply? Reply, AttemptEnd End, SynthesisFault? Fault)> SendAsync(
        SynthesisRequest request, string attempt, JournalTotals worst, SynthesisRun run)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        long started = Stopwatch.GetTimestamp();
        var tap = HttpTap.Begin();
        try
        {
            SynthesisAttempt.CurrentId = attempt;
            timeout.CancelAfter(options.RequestTimeout);
            var call = (request.Client ?? client).GetResponseAsync(request.Messages, request.Options.Clone(), timeout.Token);
            var response = await Abandonable(call, timeout.Token).ConfigureAwait(false);
            if (response.Text.Length == 0 && ProviderError.ReadWithinSuccess(tap.Body) is not null)
                throw new InvalidDataException("The body holds an error in the place of a reply.");
            return Answered(response);
        }
        catch (Exception error)
        {
            var fault = run.Token.IsCancellationRequested
                ? new SynthesisFault(SynthesisFaultKind.Permanent, "cancelled") : faults.Read(error, tap);
            if (fault.Name is FaultClassifier.Unreadable or FaultClassifier.UnknownFinish && RawCompletion.Read(tap) is { } thrownAway)
                return Answered(thrownAway);
            return (null, Faulted(fault, faults.Reason(fault, error), worst, Stopwatch.GetElapsedTime(started)), fault);
        }
        finally
        {
            SynthesisAttempt.CurrentId = null;
        }

        (StoredReply?, AttemptEnd, SynthesisFault?) Answered(ChatResponse response)
        {
            var (reply, end) = Replied(response, request, worst, Stopwatch.GetElapsedTime(started), tap);
            if (FinishWord.Fault(end.Finish) is not { } passing) return (reply, end, null);
            return (null, end with { State = AttemptState.Faulted, Fault = passing.Name, Reason = passing.Message, Reply = null }, passing);
        }
    }

    /// <summary>
    /// Waits for a call until the token is cancelled; a call that does not listen to the token is not waited for any longer.
    /// </summary>
    internal static Task<T> Abandonable<T>(Task<T> call, CancellationToken cancellationToken)
    {
        _ = call.ContinueWith(static task => _ = task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return call.WaitAsync(cancellationToken);
    }

    private static (StoredReply Reply, AttemptEnd End) Replied(
        ChatResponse response, SynthesisRequest request, JournalTotals worst, TimeSpan took, HttpTap tap)
    {
        string text = response.Text, finish = response.FinishReason?.Value ?? "";
        if (FinishWord.KindOf(finish) == FinishKind.Cut && ReasoningTook(response, text, tap)) finish = StoredReply.FinishReasoning;
        if (text.Length > LongestReply) (text, finish) = (text[..LongestReply], StoredReply.FinishLength);
        // OpenAI's structured output puts a refusal beside the content, which is then empty.
        if (text.Length == 0 && response.Messages.Any(m => m.Contents.Any(c => c is ErrorContent))) finish = StoredReply.FinishRefused;
        // Every request has input tokens: some servers send zeros for what they do not count.
        bool known = response.Usage is { InputTokenCount: > 0, OutputTokenCount: not null };
        var end = new AttemptEnd
        {
            State = AttemptState.Accepted,
            Reply = text,
            Finish = finish.Length == 0 ? null : finish,
            InputTokens = known ? response.Usage!.InputTokenCount!.Value : worst.InputTokens,
            OutputTokens = known ? response.Usage!.OutputTokenCount!.Value
                : request.Options.MaxOutputTokens ?? Encoding.UTF8.GetByteCount(text),
            UsageKnown = known,
            Took = took,
        };
        return (new StoredReply(0, text, end.Finish, end.InputTokens, end.OutputTokens), end);
    }

    // A reply that was cut, and of which most was thinking. If nothing was written, it was thinking unless usage says that none of it was,
    // because many servers do not count it; else as usage says. What stands in the text itself is read with it (ReplyAnswer).
    private static bool ReasoningTook(ChatResponse response, string text, HttpTap tap)
    {
        bool thinks = response.Messages.Any(m => m.Contents.Any(c => c is TextReasoningContent));
        if (string.IsNullOrWhiteSpace(text))
            return thinks || response.Usage?.ReasoningTokenCount is not 0 || RawCompletion.LacksReasoningCount(tap);
        return response.Usage is { ReasoningTokenCount: { } reasoning, OutputTokenCount: { } output } && 2 * reasoning > output;
    }

    private static AttemptEnd Faulted(SynthesisFault fault, string reason, JournalTotals worst, TimeSpan took) => new()
    {
        State = AttemptState.Faulted,
        Fault = fault.Name,
        Reason = reason,
        InputTokens = fault.MayBeBilled ? worst.InputTokens : 0,
        OutputTokens = fault.MayBeBilled ? worst.OutputTokens : 0,
        UsageKnown = !fault.MayBeBilled,
        Took = took,
    };
}
