using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse;

/// <summary>
/// What the library reports to OpenTelemetry: one <see cref="ActivitySource"/> and one <see cref="Meter"/>, both named <see cref="Name"/>.
/// No sentence, reply or key is ever in it.
/// </summary>
/// <remarks>
/// <para>Activities:</para>
/// <list type="table">
/// <item><term><c>syncse.request</c></term><description>One request to a language model, of kind client, with the tags
/// <c>syncse.attempt</c>, <c>syncse.kind</c> (positive, negative, group, scratch, judge, probe), <c>syncse.outcome</c> (accepted, rejected,
/// faulted), <c>syncse.fault</c>, <c>gen_ai.request.model</c>, <c>gen_ai.usage.input_tokens</c> and
/// <c>gen_ai.usage.output_tokens</c>.</description></item>
/// <item><term><c>syncse.training</c></term><description>One run of training, with the tags <c>syncse.mode</c>, <c>syncse.examples</c>,
/// <c>syncse.steps</c>, <c>syncse.score</c>, and <c>error.type</c> after an error.</description></item>
/// </list>
/// <para>Instruments of synthesis: the counters <c>syncse.requests</c> (by <c>syncse.outcome</c> and <c>syncse.kind</c>),
/// <c>syncse.tokens</c> (by <c>syncse.direction</c>: input, output), <c>syncse.sentences.accepted</c>, <c>syncse.sentences.rejected</c> and
/// <c>syncse.texts.rejected</c> (by <c>syncse.rule</c>); the histogram <c>syncse.request.duration</c> (seconds).</para>
/// <para>Instruments of training: the counters <c>syncse.training.steps</c> and <c>syncse.training.tokens</c> (padding not counted); the
/// histograms <c>syncse.training.loss</c>, <c>syncse.training.score</c> and <c>syncse.training.step.duration</c> (seconds, without
/// evaluation).</para>
/// <para>Instruments of encoding: the counters <c>syncse.encoding.sentences</c>, <c>syncse.encoding.tokens</c> (special tokens included,
/// padding not) and <c>syncse.encoding.truncated</c> (sentences that were cut).</para>
/// <para>Safe from several threads.</para>
/// </remarks>
/// <example><code>
/// builder.Services.AddOpenTelemetry()
///     .WithTracing(tracing => tracing.AddSource(SynCseTelemetry.Name))
///     .WithMetrics(metrics => metrics.AddMeter(SynCseTelemetry.Name));
/// </code></example>
public static class SynCseTelemetry
{
    /// <summary>The name to subscribe to: that of the activity source and of the meter.</summary>
    public const string Name = "Microsoft.ML.SynCse";

    /// <summary>Where activities begin.</summary>
    internal static ActivitySource Activities { get; } = new(Name);

    /// <summary>Where instruments are made.</summary>
    internal static Meter Meter { get; } = new(Name);
}
