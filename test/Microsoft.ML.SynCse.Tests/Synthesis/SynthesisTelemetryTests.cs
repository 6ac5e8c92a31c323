using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class SynthesisTelemetryTests
{
    [TestMethod]
    public async Task Requests_tokens_sentences_and_rejections_are_measured_and_each_request_is_an_activity()
    {
        ConcurrentDictionary<string, double> sums = new();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener)
            =>
            { if (instrument.Meter.Name == SynCseTelemetry.Name) listener.EnableMeasurementEvents(instrument); }
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string name = instrument.Name;
            foreach (var tag in tags) name += $"/{tag.Value}";
            sums.AddOrUpdate(name, value, (_, sum) => sum + value);
        }

        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        meters.Start();
        ConcurrentQueue<Activity> activities = new();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == SynCseTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        var client = new FakeChatClient((r, _) => r.Number == 5 ? throw new IOException("cut")
            : Task.FromResult(FakeChatClient.Reply(r.IsNegative && r.Sentence!.Contains("number 1 ", StringComparison.Ordinal)
                ? FakeRequest.Json(r.Sentence) : r.GoodAnswer())));
        await Synthesis.RunAsync(client, new() { RetryDelay = TimeSpan.FromMilliseconds(1), MaxConcurrency = 1 }, Synthesis.Sentences(6));

        Assert.AreEqual((11.0, 3.0, 1.0), (sums["syncse.requests/accepted/positive"] + sums["syncse.requests/accepted/negative"],
            sums["syncse.requests/rejected/negative"],
            sums.GetValueOrDefault("syncse.requests/faulted/positive") + sums.GetValueOrDefault("syncse.requests/faulted/negative")));
        Assert.AreEqual((5.0, 1.0, 3.0),
            (sums["syncse.sentences.accepted"], sums["syncse.sentences.rejected"], sums["syncse.texts.rejected/copy-of-input"]));
        Assert.AreEqual(140.0, sums["syncse.tokens/output"]);
        Assert.AreEqual(15.0, sums.Where(s => s.Key.StartsWith("syncse.request.duration", StringComparison.Ordinal)).Sum(s => s.Value));
        CollectionAssert.AreEquivalent(client.Requests.Select(r => r.AttemptId).ToArray(),
            activities.Select(a => (string?)a.GetTagItem("syncse.attempt")).ToArray());
        Assert.AreEqual("cut-reply", activities.Single(a => a.Status == ActivityStatusCode.Error).GetTagItem("syncse.fault"));
    }
}
