namespace Microsoft.ML.SynCse;

/// <summary>The part of config.json that BERT and its relatives share, checked.</summary>
internal sealed record BertConfiguration(
    int VocabularySize, int HiddenSize, int Layers, int Heads, int IntermediateSize, int Positions, int TokenTypes, int PadId, double Epsilon, string Activation, double HiddenDropout, double AttentionDropout)
{
    private static readonly string[] Activations = ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"];

    /// <summary>Reads and checks the fields.</summary>
    /// <exception cref="InvalidDataException">A field is missing or out of its range; names it.</exception>
    public static BertConfiguration Read(ModelConfiguration json)
    {
        var result = new BertConfiguration(
            json.Int("vocab_size", 1, 1 << 24), json.Int("hidden_size", 1, 1 << 16), json.Int("num_hidden_layers", 1, 1000), json.Int("num_attention_heads", 1, 1 << 12),
            json.Int("intermediate_size", 1, 1 << 20), json.Int("max_position_embeddings", 3, 1 << 20), json.Int("type_vocab_size", 1, 1 << 10), json.Int("pad_token_id", 0, 1 << 24, fallback: 0),
            json.Double("layer_norm_eps", 0, 1, 1e-12), json.Text("hidden_act") ?? "gelu",
            json.Double("hidden_dropout_prob", 0, 0.999, 0.1), json.Double("attention_probs_dropout_prob", 0, 0.999, 0.1));
        if (result.HiddenSize % result.Heads != 0) throw json.Error($"hidden_size {result.HiddenSize} is not a multiple of num_attention_heads {result.Heads}.");
        if (!Activations.Contains(result.Activation)) throw json.Error($"hidden_act '{result.Activation}' is not supported; {string.Join(", ", Activations)} are.");
        if (json.Text("position_embedding_type") is { } positions and not "absolute") throw json.Error($"position_embedding_type '{positions}' is not supported; absolute is.");
        return result;
    }
}
