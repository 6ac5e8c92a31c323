namespace SynCse.Samples;

/// <summary>A row to train on with several positives or hard negatives; every row has as many.</summary>
internal sealed class SeveralTextsRow
{
    public string Anchor { get; set; } = "";

    public string[] Positive { get; set; } = [];

    public string[] Negative { get; set; } = [];
}
