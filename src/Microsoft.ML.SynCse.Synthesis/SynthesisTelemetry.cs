using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis;

/// <summary>
/// What synthesis reports to OpenTelemetry; <see cref="SynCseTelemetry"/> lists it. No sentence, reply or key is ever in it.
/// </summary>
internal static class SynthesisTelemetry
{
    private static readonly Counter<long> _requests = SynCseTelemetry.Meter
        .CreateCounter<long>("syncse.requests", "{request}", "Requests that ended, by outcome and kind.");
    private static readonly Counter<long> _tokens = SynCseTelemetry.Meter
        .CreateCounter<long>("syncse.tokens", "{token}", "Tokens of ended requests, by direction.");
    private static readonly Counter<long> _acceptedSentences = SynCseTelemetry.Meter
        .CreateCounter<long>("syncse.sentences.accepted", "{sentence}", "Sentences with all their texts.");
    private static readonly Counter<long> _rejectedSentences = SynCseTelemetry.Meter
        .CreateCounter<long>("syncse.sentences.rejected", "{sentence}", "Sentences that were given up.");
    private static readonly Counter<long> _rejectedTexts = SynCseTelemetry.Meter.CreateCounter<long>("syncse.texts.rejected", "{text}",
        "Texts that a rule or check rejected, by rule.");
    private static readonly Histogram<double> _duration = SynCseTelemetry.Meter.CreateHistogram<double>("syncse.request.duration", "s",
        "From sending a request to the end of its reply.");

    /// <summary>A request leaves.</summary>
    public static Activity? Start(SynthesisRequest request, string attempt)
    {
        var activity = SynCseTelemetry.Activities.StartActivity("syncse.request", ActivityKind.Client);
        activity?.SetTag("syncse.attempt", attempt).SetTag("syncse.kind", request.Kind.JournalName())
            .SetTag("gen_ai.request.model", request.Model);
        return activity;
    }

    /// <summary>A request ended.</summary>
    public static void End(Activity? activity, SynthesisRequest request, AttemptEnd end)
    {
        KeyValuePair<string, object?> outcome = new("syncse.outcome", end.State.JournalName()),
            kind = new("syncse.kind", request.Kind.JournalName());
        _requests.Add(1, outcome, kind);
        _duration.Record(end.Took.TotalSeconds, outcome, kind);
        _tokens.Add(end.InputTokens, new KeyValuePair<string, object?>("syncse.direction", "input"));
        _tokens.Add(end.OutputTokens, new KeyValuePair<string, object?>("syncse.direction", "output"));
        if (activity is null) return;
        activity.SetTag("syncse.outcome", end.State.JournalName()).SetTag("gen_ai.usage.input_tokens", end.InputTokens)
            .SetTag("gen_ai.usage.output_tokens", end.OutputTokens);
        if (end.Fault is not null) activity.SetTag("syncse.fault", end.Fault).SetStatus(ActivityStatusCode.Error, end.Fault);
    }

    /// <summary>A text was rejected.</summary>
    public static void Rejected(string rule) => _rejectedTexts.Add(1, new KeyValuePair<string, object?>("syncse.rule", rule));

    /// <summary>A sentence has its outcome.</summary>
    public static void Sentence(bool accepted) => (accepted ? _acceptedSentences : _rejectedSentences).Add(1);
}
