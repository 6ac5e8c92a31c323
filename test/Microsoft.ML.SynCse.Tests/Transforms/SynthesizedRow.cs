namespace Microsoft.ML.SynCse.Tests;

/// <summary>What the tests read back of synthesised columns.</summary>
public sealed class SynthesizedRow
{
    public int Id { get; set; }

    public string Text { get; set; } = "";

    public string Positive { get; set; } = "";

    public string Negative { get; set; } = "";
}
