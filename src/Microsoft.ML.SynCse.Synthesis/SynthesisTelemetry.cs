using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse;

/// <summary>What synthesis tells OpenTelemetry and its like: an <see cref="ActivitySource"/> and a <see cref="Meter"/>, both named <see cref="Name"/>. No sentence, reply or key is ever in it.</summary>
/// <remarks>
/// Activity <c>syncse.request</c>, one a request, with the tags <c>syncse.attempt</c>, <c>syncse.kind</c>, <c>syncse.outcome</c> (accepted, rejected, faulted), <c>syncse.fault</c>,
/// <c>gen_ai.request.model</c>, <c>gen_ai.usage.input_tokens</c> and <c>gen_ai.usage.output_tokens</c>. Instruments: <c>syncse.requests</c>, <c>syncse.tokens</c>, <c>syncse.sentences.accepted</c>,
/// <c>syncse.sentences.rejected</c>, <c>syncse.texts.rejected</c> (by <c>syncse.rule</c>), <c>syncse.request.duration</c> (seconds).
/// </remarks>
public static class SynthesisTelemetry
{
    /// <summary>The name to subscribe to.</summary>
    public const string Name = TelemetrySources.Name;

    private static readonly Counter<long> Requests = TelemetrySources.Meter.CreateCounter<long>("syncse.requests", "{request}", "Requests that ended, by outcome and kind.");
    private static readonly Counter<long> Tokens = TelemetrySources.Meter.CreateCounter<long>("syncse.tokens", "{token}", "Tokens of ended requests, by direction.");
    private static readonly Counter<long> AcceptedSentences = TelemetrySources.Meter.CreateCounter<long>("syncse.sentences.accepted", "{sentence}", "Sentences with all their texts.");
    private static readonly Counter<long> RejectedSentences = TelemetrySources.Meter.CreateCounter<long>("syncse.sentences.rejected", "{sentence}", "Sentences that were given up.");
    private static readonly Counter<long> RejectedTexts = TelemetrySources.Meter.CreateCounter<long>("syncse.texts.rejected", "{text}", "Texts that a rule or check rejected, by rule.");
    private static readonly Histogram<double> Duration = TelemetrySources.Meter.CreateHistogram<double>("syncse.request.duration", "s", "From sending a request to the end of its reply.");

    /// <summary>A request leaves.</summary>
    internal static Activity? Start(SynthesisRequest request, string attempt)
    {
        var activity = TelemetrySources.Activities.StartActivity("syncse.request", ActivityKind.Client);
        activity?.SetTag("syncse.attempt", attempt).SetTag("syncse.kind", request.Kind).SetTag("gen_ai.request.model", request.Model);
        return activity;
    }

    /// <summary>A request ended.</summary>
    internal static void End(Activity? activity, SynthesisRequest request, AttemptEnd end)
    {
        KeyValuePair<string, object?> outcome = new("syncse.outcome", end.State), kind = new("syncse.kind", request.Kind);
        Requests.Add(1, outcome, kind);
        Duration.Record(end.Took.TotalSeconds, outcome, kind);
        Tokens.Add(end.InputTokens, new KeyValuePair<string, object?>("syncse.direction", "input"));
        Tokens.Add(end.OutputTokens, new KeyValuePair<string, object?>("syncse.direction", "output"));
        if (activity is null) return;
        activity.SetTag("syncse.outcome", end.State).SetTag("gen_ai.usage.input_tokens", end.InputTokens).SetTag("gen_ai.usage.output_tokens", end.OutputTokens);
        if (end.Fault is not null) activity.SetTag("syncse.fault", end.Fault).SetStatus(ActivityStatusCode.Error, end.Fault);
    }

    /// <summary>A text was rejected.</summary>
    internal static void Rejected(string rule) => RejectedTexts.Add(1, new KeyValuePair<string, object?>("syncse.rule", rule));

    /// <summary>A sentence has its outcome.</summary>
    internal static void Sentence(bool accepted) => (accepted ? AcceptedSentences : RejectedSentences).Add(1);
}
