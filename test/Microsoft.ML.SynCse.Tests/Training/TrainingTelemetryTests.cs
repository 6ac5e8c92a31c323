using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class TrainingTelemetryTests
{
    [TestMethod]
    public void A_run_is_an_activity_and_its_steps_are_counted()
    {
        var activities = new List<Activity>();
        using var activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SynCseTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => { if (activity.OperationName == "syncse.training") activities.Add(activity); },
        };
        ActivitySource.AddActivityListener(activityListener);
        var figures = new Dictionary<string, List<double>>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SynCseTelemetry.Name) listener.EnableMeasurementEvents(instrument);
        };
        void Add(string name, double value) => (figures.TryGetValue(name, out var list) ? list : figures[name] = []).Add(value);
        meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument.Name, value));
        meters.Start();

        using var start = TinyEncoder.Load();
        using var result = ContrastiveTrainer.Train(
            start, TinyEncoder.Triplets(60), new() { BatchSize = 10, Epochs = 2, KeepStartIfWorse = false });
        Assert.AreEqual(result.Steps.Count, figures["syncse.training.steps"].Sum());
        CollectionAssert.AreEqual(result.Steps.Select(s => s.Loss).ToArray(), figures["syncse.training.loss"]);
        CollectionAssert.AreEqual(
            result.Summary.Evaluations.Where(e => e.Step > 0).Select(e => e.Score).ToArray(), figures["syncse.training.score"]);
        Assert.HasCount(result.Steps.Count, figures["syncse.training.step.duration"]);
        Assert.AreEqual(result.Steps.Sum(s => s.Tokens), figures["syncse.training.tokens"].Sum());
        Assert.IsGreaterThan(10 * result.Steps.Count, result.Steps.Sum(s => s.Tokens));
        var activity = activities.Single();
        Assert.AreEqual(
            ("Triplets", 54, result.Steps.Count),
            (activity.GetTagItem("syncse.mode"), activity.GetTagItem("syncse.examples"), activity.GetTagItem("syncse.steps")));
        Assert.AreEqual(
            result.Summary.Evaluations.Single(e => e.Step == result.Summary.BestStep).Score, activity.GetTagItem("syncse.score"));
        Assert.AreEqual(TimeSpan.Zero, result.Steps[^1].TimeLeft);
        Assert.IsGreaterThan(TimeSpan.Zero, result.Steps[0].TimeLeft);
    }
}
