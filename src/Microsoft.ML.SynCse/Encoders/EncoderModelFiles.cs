using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders;

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
        AdapterFiles.Refuse(root);
        var configuration = ModelConfiguration.Read(root);
        EncoderArchitectures.Require(configuration);
        var tokenizer = SentenceTokenizerLoader.Load(root, new(configuration.ModelType, layout.LowerCase, configuration.Int("pad_token_id", 0, int.MaxValue - 1, fallback: 0)));
        var heads = new List<DenseHead>();
        EncoderNetwork? network = null;
        try
        {
            network = EncoderArchitectures.Read(root, configuration, device);
            foreach (var dense in layout.Dense) heads.Add(DenseHead.Read(files, dense, device));
            Check(files, layout, configuration, network, tokenizer);
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
                MaxSequenceLength = Length(
                    options.MaxSequenceLength, () => layout.MaxSequenceLength ?? TokenizerLength(root), network.MaxTokens,
                    tokenizer.SpecialTokenCount),
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
    public static void Write(EncoderModel model, IModelFileSink sink) =>
        Write(model, sink, model.Tokenizer.FilesToSave(model.MaxSequenceLength));

    /// <summary>Writes what tells an encoder from others: the same but for what the tokenizer's files are changed in for other
    /// readers.</summary>
    public static void WriteIdentity(EncoderModel model, IModelFileSink sink) =>
        Write(model, sink, model.Tokenizer.FilesOfSource(model.MaxSequenceLength));

    private static void Write(EncoderModel model, IModelFileSink sink, IReadOnlyDictionary<string, byte[]> tokenizerFiles)
    {
        var layout = new EncoderLayout
        {
            MaxSequenceLength = new(model.MaxSequenceLength, nameof(EncoderModel)),
            LowerCase = model.LowerCase,
            PoolingName = PoolingNames.Single(p => p.Pooling == model.Pooling).Name,
            IncludePrompt = model.Prompts.Pooled,
            Dense = [.. model.Heads.Select((head, i) => head.Layout($"{i + 2}_Dense"))],
            Normalize = model.Normalize,
            OutputSize = model.Network.HiddenSize,
        };
        sink.WriteJson(ModelConfiguration.FileName, SavedConfiguration.Of(model.Configuration, model.MatryoshkaDimensions.Count > 0));
        // In one order, whichever files the tokenizer was read from: equal encoders give equal models.
        foreach (var (name, bytes) in tokenizerFiles.OrderBy(f => f.Key, StringComparer.Ordinal))
            sink.Write(name, stream => stream.Write(bytes));
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

    // The older name counts where the newer one is not there.
    private static GivenLength? TokenizerLength(IModelFileSource files)
    {
        const string File = TokenizerFileSet.TokenizerConfig, Name = "model_max_length", OlderName = "max_len";
        if (files.ReadJsonObject(File) is not { } json) return null;
        var where = files.Describe(File);
        return GivenLength.Read(json[Name], where, Name) ?? GivenLength.Read(json[OlderName], where, OlderName);
    }

    private static int Length(int? asked, Func<GivenLength?> givenBy, int positions, int specialTokens)
    {
        if (asked is { } length)
        {
            int least = Math.Max(3, specialTokens + 1);
            if (length >= least && length <= positions) return length;
            throw new ArgumentOutOfRangeException(nameof(SentenceEncoderOptions.MaxSequenceLength), length,
                $"SentenceEncoderOptions.MaxSequenceLength must be from {least} to the model's {positions} positions.");
        }
        if (givenBy() is not { } given) return positions;
        if (given.Tokens < Math.Max(2, specialTokens + 1))
            throw new InvalidDataException($"{given.Field} is {given.Tokens}, which leaves no room for a text: the tokenizer puts "
                + $"{specialTokens} special tokens around it. Correct it, or set SentenceEncoderOptions.MaxSequenceLength.");
        return Math.Min(given.Tokens, positions);
    }

    private static void Check(IModelFileSource files, EncoderLayout layout, ModelConfiguration configuration, EncoderNetwork network, SentenceTokenizer tokenizer)
    {
        if (tokenizer.VocabularySize > network.VocabularySize)
            throw configuration.Error($"the model's vocab_size is {network.VocabularySize}, and the tokenizer beside it has ids up to {tokenizer.VocabularySize - 1}: the files are not of one model.");
        if (tokenizer.SpecialTokenCount >= network.MaxTokens)
            throw configuration.Error($"the tokenizer beside it puts {tokenizer.SpecialTokenCount} special tokens around a sentence; the model's {network.MaxTokens} positions leave no room for one.");
        int size = network.HiddenSize;
        foreach (var dense in layout.Dense)
        {
            if (dense.InputSize != size) throw new InvalidDataException($"{files.Describe(dense.ConfigurationFile)}: in_features is {dense.InputSize}, and the module is given vectors of {size} values.");
            size = dense.OutputSize;
        }
    }
}
