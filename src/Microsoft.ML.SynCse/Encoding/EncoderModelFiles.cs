using System.Text.Json.Nodes;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>An <see cref="EncoderModel"/> to and from files: a Hugging Face folder, a sentence-transformers folder, the encoder's part of our zip.</summary>
internal static class EncoderModelFiles
{
    private static readonly (Pooling Pooling, string Name)[] PoolingNames =
    [
        (Pooling.Cls, "cls"), (Pooling.Mean, "mean"), (Pooling.Max, "max"), (Pooling.AverageFirstLast, "avg_first_last"), (Pooling.AverageTopTwo, "avg_top2"),
    ];

    /// <summary>Reads an encoder; what <paramref name="options"/> leaves open is as the files say.</summary>
    /// <exception cref="InvalidDataException">The files are not a supported encoder; names file and reason.</exception>
    public static EncoderModel Read(IModelFileSource files, SentenceEncoderOptions options, torch.Device device)
    {
        var layout = EncoderLayout.Read(files);
        var root = layout.TransformerFolder.Length == 0 ? files : new SubfolderSource(files, layout.TransformerFolder);
        var configuration = ModelConfiguration.Read(root);
        EncoderArchitectures.Require(configuration);
        var tokenizer = SentenceTokenizerLoader.Load(root, new(configuration.ModelType, layout.LowerCase, configuration.Int("pad_token_id", 0, int.MaxValue - 1, fallback: 0)));
        var heads = new List<DenseHead>();
        EncoderNetwork? network = null;
        try
        {
            network = EncoderArchitectures.Read(root, configuration, device);
            foreach (var dense in layout.Dense) heads.Add(DenseHead.Read(files, dense, device));
            Check(files, layout, network, tokenizer);
            int dimensions = heads.Count > 0 ? heads[^1].OutputSize : network.HiddenSize;
            return new()
            {
                Configuration = configuration,
                Tokenizer = tokenizer,
                Network = network,
                Pooling = options.Pooling ?? PoolingOf(layout.PoolingName),
                Heads = heads,
                Normalize = options.Normalize ?? layout.Normalize,
                LowerCase = layout.LowerCase,
                MaxSequenceLength = Length(options.MaxSequenceLength, layout.MaxSequenceLength ?? TokenizerLength(root), network.MaxTokens, Math.Max(3, tokenizer.SpecialTokenCount + 1)),
                Prompts = new(SentenceTransformersConfig.Read(files), layout.IncludePrompt),
                MatryoshkaDimensions = MatryoshkaFields.Read(configuration, dimensions),
                Device = device,
            };
        }
        catch
        {
            network?.Dispose();
            foreach (var head in heads) head.Dispose();
            throw;
        }
    }

    /// <summary>Writes an encoder in the sentence-transformers layout, weights as float32.</summary>
    public static void Write(EncoderModel model, IModelFileSink sink)
    {
        var layout = new EncoderLayout
        {
            MaxSequenceLength = model.MaxSequenceLength,
            LowerCase = model.LowerCase,
            PoolingName = PoolingNames.Single(p => p.Pooling == model.Pooling).Name,
            IncludePrompt = model.Prompts.Pooled,
            Dense = [.. model.Heads.Select((head, i) => head.Layout($"{i + 2}_Dense"))],
            Normalize = model.Normalize,
            OutputSize = model.Network.HiddenSize,
        };
        sink.WriteJson(ModelConfiguration.FileName, SavedConfiguration.Of(model.Configuration, model.MatryoshkaDimensions.Count > 0));
        // In one order, whichever files the tokenizer was read from: equal encoders give equal models.
        foreach (var (name, bytes) in model.Tokenizer.FilesToSave(model.MaxSequenceLength).OrderBy(f => f.Key, StringComparer.Ordinal)) sink.Write(name, stream => stream.Write(bytes));
        sink.Write("model.safetensors", stream => SafetensorsWriter.Write(stream, model.Network.Weights.Tensors));
        for (int i = 0; i < model.Heads.Count; i++)
        {
            var weights = model.Heads[i].Weights.Tensors;
            sink.Write(layout.Dense[i].WeightsFile, stream => SafetensorsWriter.Write(stream, weights));
        }
        layout.Write(sink);
        model.Prompts.Config.Write(sink);
    }

    /// <summary>Whether other readers of the layout know this pooling.</summary>
    public static bool IsPortable(Pooling pooling) => PoolingFile.IsPortable(PoolingNames.Single(p => p.Pooling == pooling).Name);

    private static Pooling PoolingOf(string? name) => name is null ? Pooling.Mean : PoolingNames.Single(p => p.Name == name).Pooling;

    // Transformers writes a number of thirty digits where there is no limit; that one does not fit an int.
    private static int? TokenizerLength(IModelFileSource files)
        => files.ReadJsonObject(TokenizerFileSet.TokenizerConfig)?["model_max_length"] is JsonValue value && value.TryGetValue(out int length) ? length : null;

    private static int Length(int? asked, int? given, int positions, int least)
    {
        if (asked is not { } length) return Math.Min(Math.Max(given ?? positions, least), positions);
        if (length < least || length > positions)
            throw new ArgumentOutOfRangeException(nameof(SentenceEncoderOptions.MaxSequenceLength), length, $"SentenceEncoderOptions.MaxSequenceLength must be from {least} to the model's {positions} positions.");
        return length;
    }

    private static void Check(IModelFileSource files, EncoderLayout layout, EncoderNetwork network, SentenceTokenizer tokenizer)
    {
        if (tokenizer.VocabularySize > network.VocabularySize)
            throw new InvalidDataException($"The tokenizer in '{files.Location}' has ids up to {tokenizer.VocabularySize - 1}; the model's vocab_size is {network.VocabularySize}: the files are not of one model.");
        if (tokenizer.SpecialTokenCount >= network.MaxTokens)
            throw new InvalidDataException($"The tokenizer in '{files.Location}' puts {tokenizer.SpecialTokenCount} special tokens around a sentence; the model's {network.MaxTokens} positions leave no room for one.");
        int size = network.HiddenSize;
        foreach (var dense in layout.Dense)
        {
            if (dense.InputSize != size) throw new InvalidDataException($"The Dense module '{dense.Folder}' in '{files.Location}' takes {dense.InputSize} values; it is given {size}.");
            size = dense.OutputSize;
        }
    }
}
