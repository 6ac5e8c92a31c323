namespace SynCse.Samples;

/// <summary>What a classifier says about a text.</summary>
internal sealed class ClassifiedRow
{
    public string Text { get; set; } = "";

    public string PredictedLabel { get; set; } = "";

    /// <summary>The probability of every class.</summary>
    public float[] Score { get; set; } = [];
}
