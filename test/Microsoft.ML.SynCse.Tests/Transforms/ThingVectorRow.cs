namespace Microsoft.ML.SynCse.Tests;

/// <summary>What is read back of a <see cref="ThingRow"/>.</summary>
public sealed class ThingVectorRow
{
    public int Id { get; set; }

    [ThingType]
    public Thing? Thing { get; set; }

    public float[] Features { get; set; } = [];
}
