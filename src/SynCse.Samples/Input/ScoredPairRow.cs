using Microsoft.ML.Data;

namespace SynCse.Samples;

/// <summary>Two sentences and how alike a person finds them.</summary>
internal sealed class ScoredPairRow
{
    [LoadColumn(0)]
    public float Score { get; set; }

    [LoadColumn(1)]
    public string Left { get; set; } = "";

    [LoadColumn(2)]
    public string Right { get; set; } = "";
}
