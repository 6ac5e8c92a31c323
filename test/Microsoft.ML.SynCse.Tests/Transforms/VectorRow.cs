namespace Microsoft.ML.SynCse.Tests;

/// <summary>What the tests read back: the row's number and its vector.</summary>
public sealed class VectorRow
{
    public int Id { get; set; }

    public float[] Features { get; set; } = [];
}
