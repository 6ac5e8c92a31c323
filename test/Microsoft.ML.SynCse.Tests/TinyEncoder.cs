using System.Text.Json;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A BERT of two small layers with random seeded weights over words of a few letters: every mechanism, no quality.</summary>
internal static class TinyEncoder
{
    public const int Dimensions = 16;
    private const int Positions = 40, Inner = 32, Layers = 2;
    private static readonly string[] _words =
        ["the", "a", "cat", "dog", "bird", "house", "order", "parcel", "is", "was", "not", "late", "good", "bad", "nice", "day", "night",
            "my", "your", "refund", "cancel", "want", "to", "i"];

    /// <summary>Writes the encoder's folder below a temporary folder and returns it.</summary>
    public static string WriteFolder(TemporaryFolder temporary, int seed = 7, bool normalize = false)
    {
        string folder = temporary.New("encoder");
        Directory.CreateDirectory(folder);
        var vocabulary = Vocabulary();
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), vocabulary);
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """{"do_lower_case": true, "tokenizer_class": "BertTokenizer", "model_max_length": 40}""");
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new
        {
            model_type = "bert",
            vocab_size = vocabulary.Count,
            hidden_size = Dimensions,
            num_hidden_layers = Layers,
            num_attention_heads = 2,
            intermediate_size = Inner,
            max_position_embeddings = Positions,
            type_vocab_size = 2,
            hidden_act = "gelu",
            layer_norm_eps = 1e-12,
            hidden_dropout_prob = 0.1,
            attention_probs_dropout_prob = 0.1,
            pad_token_id = 0,
        }));
        WriteWeights(Path.Combine(folder, "model.safetensors"), vocabulary.Count, seed);
        if (normalize)
        {
            Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
            File.WriteAllText(
                Path.Combine(folder, "1_Pooling", "config.json"), """{"word_embedding_dimension": 16, "pooling_mode_mean_tokens": true}""");
            File.WriteAllText(Path.Combine(folder, "modules.json"), """
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """);
        }
        return folder;
    }

    /// <summary>Loads a new tiny encoder.</summary>
    public static SentenceEncoder Load(int seed = 7, bool normalize = false, SentenceEncoderOptions? options = null)
    {
        using var temporary = new TemporaryFolder();
        return SentenceEncoder.Load(WriteFolder(temporary, seed, normalize), options);
    }

    /// <summary>Sentences of known words, the same for the same arguments.</summary>
    public static string[] Sentences(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(2, 12)).Select(_ => _words[random.Next(_words.Length)])))];
    }

    /// <summary>Triplets of known words: the positive shares the anchor's words in another order, the negative has other words.</summary>
    public static TrainingExample[] Triplets(int count, int seed = 1)
    {
        string[] anchors = Sentences(count, seed);
        string[] negatives = Sentences(count, seed + 1000);
        return [.. anchors.Select((anchor, i)
            => new TrainingExample(anchor, string.Join(' ', Enumerable.Reverse(anchor.Split(' '))), negatives[i]))];
    }

    private static List<string> Vocabulary()
    {
        string[] letters = Enumerable.Range('a', 26).Select(c => ((char)c).ToString()).ToArray();
        return [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Concat(letters).Concat(letters.Select(l => "##" + l))
            .Concat(_words).Concat([".", ",", "?"]).Distinct()];
    }

    private static void WriteWeights(string path, int vocabularySize, int seed)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed);
        var tensors = new Dictionary<string, torch.Tensor>();
        void Matrix(string name, long rows, long columns) => tensors[name] = torch.randn(rows, columns, generator: generator).mul_(0.3);
        void Linear(string name, long rows, long columns)
        {
            Matrix(name + ".weight", rows, columns);
            tensors[name + ".bias"] = torch.zeros(rows);
        }

        void Norm(string name)
        {
            tensors[name + ".weight"] = torch.ones(Dimensions);
            tensors[name + ".bias"] = torch.zeros(Dimensions);
        }

        Matrix("embeddings.word_embeddings.weight", vocabularySize, Dimensions);
        Matrix("embeddings.position_embeddings.weight", Positions, Dimensions);
        Matrix("embeddings.token_type_embeddings.weight", 2, Dimensions);
        Norm("embeddings.LayerNorm");
        for (int layer = 0; layer < Layers; layer++)
        {
            string at = $"encoder.layer.{layer}.";
            foreach (string? name in new[] { "attention.self.query", "attention.self.key", "attention.self.value",
                "attention.output.dense" }) Linear(at + name, Dimensions, Dimensions);
            Linear(at + "intermediate.dense", Inner, Dimensions);
            Linear(at + "output.dense", Dimensions, Inner);
            Norm(at + "attention.output.LayerNorm");
            Norm(at + "output.LayerNorm");
        }
        using var file = File.Create(path);
        SafetensorsWriter.Write(file, tensors);
    }
}
