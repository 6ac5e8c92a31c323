using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class LearningRateScheduleTests
{
    [TestMethod]
    public void The_rate_rises_from_zero_and_falls_linearly()
    {
        var schedule = new LearningRateSchedule(1e-4, 2, 12);
        double[] expected = [0, 5e-5, 1e-4, 9e-5, 8e-5, 7e-5, 6e-5, 5e-5, 4e-5, 3e-5, 2e-5, 1e-5];
        for (int step = 1; step <= 12; step++) Assert.AreEqual(expected[step - 1], schedule.At(step), 1e-15, $"step {step}");
    }

    [TestMethod]
    public void Without_warm_up_the_first_step_has_the_full_rate() => Assert.AreEqual(0.5, new LearningRateSchedule(0.5, 0, 3).At(1));

    [TestMethod]
    public void A_warm_up_longer_than_the_run_never_reaches_the_peak()
        => Assert.AreEqual(0.2, new LearningRateSchedule(1, 10, 3).At(3), 1e-15);
}
