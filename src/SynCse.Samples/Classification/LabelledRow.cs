namespace SynCse.Samples;

/// <summary>A text with its class.</summary>
internal sealed class LabelledRow
{
    public string Label { get; set; } = "";

    public string Text { get; set; } = "";
}
