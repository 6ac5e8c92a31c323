using Microsoft.ML.Data;

namespace SynCse.Samples;

/// <summary>A row to train on. Columns that a file does not have stay empty and are not named to the estimator.</summary>
internal sealed class TripletRow
{
    [LoadColumn(0)]
    public string Anchor { get; set; } = "";

    [LoadColumn(1)]
    public string Positive { get; set; } = "";

    [LoadColumn(2)]
    public string Negative { get; set; } = "";
}
