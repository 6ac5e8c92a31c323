namespace SynCse.Samples;

/// <summary>What a saved model gives for a row.</summary>
internal sealed class EmbeddedRow
{
    public float[] Embedding { get; set; } = [];
}
