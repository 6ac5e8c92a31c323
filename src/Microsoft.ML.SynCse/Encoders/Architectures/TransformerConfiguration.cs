using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>The part of config.json that the architectures share, checked.</summary>
internal sealed record TransformerConfiguration(
    int VocabularySize, int EmbeddingSize, int HiddenSize, int Layers, int Heads, int IntermediateSize, int Positions,
    int TokenTypes, int PadId, double Epsilon, string Activation, double HiddenDropout, double AttentionDropout)
{
    private const int MostVocabulary = 1 << 24, MostHidden = 1 << 16, MostLayers = 1000, MostHeads = 1 << 12;
    private const int MostIntermediate = 1 << 20, MostPositions = 1 << 20;
    private static readonly string[] _activations = ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"];

    /// <summary>Reads and checks the fields under BERT's names, which most architectures share.</summary>
    /// <param name="json">config.json.</param>
    /// <param name="tokenTypes">Whether the architecture has token types.</param>
    /// <param name="embeddingSize">Whether its embeddings may have a size of their own, embedding_size.</param>
    /// <param name="padId">The architecture's own padding id, for a file without one.</param>
    /// <exception cref="InvalidDataException">A field is missing or out of its range; names it.</exception>
    public static TransformerConfiguration Read(
        ModelConfiguration json, bool tokenTypes = true, bool embeddingSize = false, int padId = 0)
    {
        int hidden = json.Int("hidden_size", 1, MostHidden);
        if (json.Text("position_embedding_type") is { } positions and not "absolute")
            throw json.Error($"position_embedding_type '{positions}' is not supported; absolute is.");
        return Checked(json, "hidden_size", "num_attention_heads", "hidden_act", new(
            json.Int("vocab_size", 1, MostVocabulary),
            embeddingSize ? json.Int("embedding_size", 1, MostHidden, fallback: hidden) : hidden,
            hidden,
            json.Int("num_hidden_layers", 1, MostLayers),
            json.Int("num_attention_heads", 1, MostHeads),
            json.Int("intermediate_size", 1, MostIntermediate),
            json.Int("max_position_embeddings", 3, MostPositions),
            tokenTypes ? json.Int("type_vocab_size", 1, 1 << 10) : 0,
            json.Int("pad_token_id", 0, MostVocabulary, fallback: padId),
            json.Double("layer_norm_eps", 0, 1, 1e-12),
            json.Text("hidden_act") ?? "gelu",
            json.Double("hidden_dropout_prob", 0, 0.999, 0.1),
            json.Double("attention_probs_dropout_prob", 0, 0.999, 0.1)));
    }

    /// <summary>Reads and checks the fields under DistilBERT's names.</summary>
    /// <exception cref="InvalidDataException">A field is missing or out of its range; names it.</exception>
    public static TransformerConfiguration ReadDistilled(ModelConfiguration json)
    {
        int hidden = json.Int("dim", 1, MostHidden);
        return Checked(json, "dim", "n_heads", "activation", new(
            json.Int("vocab_size", 1, MostVocabulary),
            hidden,
            hidden,
            json.Int("n_layers", 1, MostLayers),
            json.Int("n_heads", 1, MostHeads),
            json.Int("hidden_dim", 1, MostIntermediate),
            json.Int("max_position_embeddings", 3, MostPositions),
            0,
            json.Int("pad_token_id", 0, MostVocabulary, fallback: 0),
            1e-12,
            json.Text("activation") ?? "gelu",
            json.Double("dropout", 0, 0.999, 0.1),
            json.Double("attention_dropout", 0, 0.999, 0.1)));
    }

    private static TransformerConfiguration Checked(
        ModelConfiguration json, string size, string heads, string activation, TransformerConfiguration result)
    {
        if (result.HiddenSize % result.Heads != 0)
            throw json.Error($"{size} {result.HiddenSize} is not a multiple of {heads} {result.Heads}.");
        if (!_activations.Contains(result.Activation))
            throw json.Error($"{activation} '{result.Activation}' is not supported; {string.Join(", ", _activations)} are.");
        return result;
    }
}
