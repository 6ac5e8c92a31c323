using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Reads and writes an <see cref="EncoderModel"/>: a Hugging Face folder, a sentence-transformers folder, or the encoder's part of
/// a saved ML.NET model.</summary>
internal static class EncoderModelFiles
{
    /// <summary>Reads an encoder; settings that <paramref name="options"/> leave null come from the files.</summary>
    /// <exception cref="InvalidDataException">The files are not a supported encoder; names file and reason.</exception>
    public static EncoderModel Read(IModelFileSource files, SentenceEncoderOptions options, torch.Device device)
    {
        var layout = EncoderLayout.Read(files);
        var root = layout.TransformerFolder.Length == 0 ? files : new SubfolderSource(files, layout.TransformerFolder);
        AdapterFiles.Refuse(root);
        var configuration = ModelConfiguration.Read(root);
        EncoderArchitectures.Require(configuration);
        int padId = configuration.Int("pad_token_id", 0, int.MaxValue - 1, fallback: 0);
        var tokenizer = SentenceTokenizer.Load(root, new(configuration.ModelType, layout.LowerCase, padId));
        var heads = new List<DenseHead>();
        TransformerNetwork? network = null;
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
                Pooling = options.Pooling ?? (layout.PoolingName is { } pooling ? PoolingFile.Of(pooling) : Pooling.Mean),
                Heads = heads,
                Normalize = options.Normalize ?? layout.Normalize,
                LowerCase = layout.LowerCase,
                MaxSequenceLength = SequenceLength.Pick(
                    options.MaxSequenceLength, $"{nameof(SentenceEncoderOptions)}.{nameof(options.MaxSequenceLength)}",
                    () => layout.MaxSequenceLength ?? SequenceLength.OfTokenizer(root), network.MaxTokens, tokenizer.SpecialTokenCount),
                Prompts = new(SentenceTransformersConfig.Read(files), layout.IncludePrompt),
                MatryoshkaDimensions = MatryoshkaFields.Read(configuration, dimensions),
                Device = device,
                Threads = options.Threads,
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
        => Write(model, sink, model.Tokenizer.FilesToSave(model.MaxSequenceLength));

    /// <summary>Writes the files that identify an encoder: those of <see cref="Write(EncoderModel, IModelFileSink)"/>, with the tokenizer's
    /// files as they were read, without the changes that are made for other readers.</summary>
    public static void WriteIdentity(EncoderModel model, IModelFileSink sink)
        => Write(model, sink, model.Tokenizer.FilesOfSource(model.MaxSequenceLength));

    /// <summary>Writes the files of an encoder without its weights: for a reader that has them in another file.</summary>
    public static void WriteSettings(EncoderModel model, IModelFileSink sink)
        => WriteSettings(model, sink, model.Tokenizer.FilesToSave(model.MaxSequenceLength));

    private static void Write(EncoderModel model, IModelFileSink sink, IReadOnlyDictionary<string, byte[]> tokenizerFiles)
    {
        var layout = WriteSettings(model, sink, tokenizerFiles);
        sink.Write("model.safetensors", stream => SafetensorsWriter.Write(stream, model.Network.Weights.Tensors));
        for (int i = 0; i < model.Heads.Count; i++)
        {
            var weights = model.Heads[i].Weights.Tensors;
            sink.Write(layout.Dense[i].WeightsFile, stream => SafetensorsWriter.Write(stream, weights));
        }
    }

    private static EncoderLayout WriteSettings(
        EncoderModel model, IModelFileSink sink, IReadOnlyDictionary<string, byte[]> tokenizerFiles)
    {
        var layout = new EncoderLayout
        {
            MaxSequenceLength = new(model.MaxSequenceLength, nameof(EncoderModel)),
            LowerCase = model.LowerCase,
            PoolingName = PoolingFile.NameOf(model.Pooling),
            IncludePrompt = model.Prompts.Pooled,
            Dense = [.. model.Heads.Select((head, i) => head.Layout($"{i + 2}_Dense"))],
            Normalize = model.Normalize,
            OutputSize = model.Network.HiddenSize,
        };
        sink.WriteJson(ModelConfiguration.FileName, SavedConfiguration.Of(model.Configuration, model.MatryoshkaDimensions.Count > 0));
        // In one order, independent of the files the tokenizer was read from: equal encoders give equal models.
        foreach (var (name, bytes) in tokenizerFiles.OrderBy(f => f.Key, StringComparer.Ordinal))
            sink.Write(name, stream => stream.Write(bytes));
        layout.Write(sink);
        model.Prompts.Config.Write(sink);
        return layout;
    }

    private static void Check(
        IModelFileSource files, EncoderLayout layout, ModelConfiguration configuration, TransformerNetwork network,
        SentenceTokenizer tokenizer)
    {
        VocabularyCheck.Require(configuration, tokenizer);
        if (tokenizer.SpecialTokenCount >= network.MaxTokens)
            throw configuration.Error($"the tokenizer beside it puts {tokenizer.SpecialTokenCount} special tokens around a sentence; "
                + $"the model's {network.MaxTokens} positions leave no room for one.");
        int size = network.HiddenSize;
        foreach (var dense in layout.Dense)
        {
            if (dense.InputSize != size)
                throw new InvalidDataException($"{files.Describe(dense.ConfigurationFile)}: in_features is {dense.InputSize}, "
                    + $"and the module is given vectors of {size} values.");
            size = dense.OutputSize;
        }
    }
}
