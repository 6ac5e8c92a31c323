namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>What an architecture calls the parts of a layer in its files, behind "Layer", in which {0} is the layer's number from 0; each part has a weight and a bias.</summary>
internal sealed record LayerNames(string Layer, string Query, string Key, string Value, string Attention, string AttentionNorm, string Inner, string Outer, string OuterNorm)
{
    /// <summary>BERT's, which RoBERTa, XLM-RoBERTa and ELECTRA share.</summary>
    public static LayerNames Bert { get; } = new("encoder.layer.{0}.", "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    /// <summary>DistilBERT's.</summary>
    public static LayerNames DistilBert { get; } = new("transformer.layer.{0}.", "attention.q_lin", "attention.k_lin", "attention.v_lin",
        "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm");

    /// <summary>MPNet's.</summary>
    public static LayerNames MPNet { get; } = new("encoder.layer.{0}.", "attention.attn.q", "attention.attn.k", "attention.attn.v",
        "attention.attn.o", "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    /// <summary>The beginning of a layer's names.</summary>
    public string Prefix(int layer) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Layer, layer);

    /// <summary>The tensors of a layer.</summary>
    public IEnumerable<WeightSpec> Specs(int layer, long hidden, long intermediate)
    {
        var prefix = Prefix(layer);
        foreach (var (name, rows, columns) in new[]
        {
            (Query, hidden, hidden), (Key, hidden, hidden), (Value, hidden, hidden), (Attention, hidden, hidden), (Inner, intermediate, hidden), (Outer, hidden, intermediate),
        })
        {
            yield return new($"{prefix}{name}.weight", [rows, columns]);
            yield return new($"{prefix}{name}.bias", [rows]);
        }
        foreach (var name in new[] { AttentionNorm, OuterNorm })
        {
            yield return new($"{prefix}{name}.weight", [hidden]);
            yield return new($"{prefix}{name}.bias", [hidden]);
        }
    }
}
