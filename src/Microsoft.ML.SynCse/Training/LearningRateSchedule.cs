namespace Microsoft.ML.SynCse.Training;

/// <summary>Linear warm-up from 0, then linear decay to 0.</summary>
internal sealed class LearningRateSchedule(double peak, int warmupSteps, int totalSteps)
{
    /// <summary>The rate that a step, counted from 1, uses.</summary>
    public double At(int step)
    {
        int taken = step - 1;
        return taken < warmupSteps
            ? peak * taken / warmupSteps
            : peak * Math.Max(0, totalSteps - taken) / Math.Max(1, totalSteps - warmupSteps);
    }
}
