namespace Microsoft.ML.SynCse.Tests;

/// <summary>A row with text and something that ML.NET cannot cache.</summary>
public sealed class ThingRow
{
    public int Id { get; set; }

    public string Anchor { get; set; } = "";

    public bool Label { get; set; }

    [ThingType]
    public Thing? Thing { get; set; }
}
