namespace SynCse.Samples;

/// <summary>A text's vector with its class.</summary>
internal sealed class LabelledVectorRow
{
    public string Label { get; set; } = "";

    public float[] Vector { get; set; } = [];
}
