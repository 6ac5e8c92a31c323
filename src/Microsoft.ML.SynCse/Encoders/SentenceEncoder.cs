using System.IO.Compression;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Export;
using Microsoft.ML.SynCse.MLNet;
using Microsoft.ML.SynCse.Native;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>A <see cref="TextEncoder"/> that computes in TorchSharp: a pretrained or tuned transformer with its tokenizer, pooling, heads
/// and normalisation.</summary>
/// <remarks>
/// Every member may be called from several threads at once. <see cref="ContrastiveTrainer"/> tunes an encoder; <see cref="Save(string)"/>
/// writes it. Loading begins to hash the weights in the background; a call that needs the hash, the
/// <c>EmbeddingGeneratorMetadata.DefaultModelId</c>, waits for the rest.
/// </remarks>
/// <example><code>
/// using var encoder = SentenceEncoder.Load("all-MiniLM-L6-v2");
/// float[][] vectors = encoder.Encode(["My parcel has not come.", "The package is still missing."]);
/// </code></example>
public sealed class SentenceEncoder : TextEncoder, IOnnxExportable
{
    private const string DefaultName = "Microsoft.ML.SynCse default encoder";

    internal SentenceEncoder(EncoderModel model, SentenceEncoderOptions options, ModelCard? card = null)
        : base(model, options.MaxTokensPerBatch, options.Logger, card)
    {
        model.ComputeIn(options.Precision);
        (Options, Pooling) = (options, model.Pooling);
    }

    /// <summary>How token vectors become one vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>The number format of the matrix products.</summary>
    public Precision Precision => Options.Precision;

    /// <summary>The options that the encoder was loaded with.</summary>
    internal SentenceEncoderOptions Options { get; }

    /// <inheritdoc/>
    internal override string Kind => EncoderKind.Torch;

    /// <inheritdoc/>
    internal override IReadOnlyDictionary<string, string> SavedSettings => TorchEncoderLoader.Settings(Options);

    /// <inheritdoc/>
    internal override string IdentitySuffix => Precision == Precision.Float32 ? "" : $", {Precision}";

    /// <summary>Reads an encoder from a folder (Hugging Face or sentence-transformers), or from the zip of a saved ML.NET model with one
    /// encoder.</summary>
    /// <param name="path">The folder, with config.json, model.safetensors and the tokenizer's files; or the zip. Precision and batch size
    /// of a zip's encoder come from <paramref name="options"/>.</param>
    /// <param name="options">Settings that replace those of the folder. Default: none.</param>
    /// <returns>The encoder; it belongs to the caller.</returns>
    /// <exception cref="DirectoryNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">The files are not a supported encoder; names file and reason.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The machine does not support the precision.</exception>
    /// <exception cref="InvalidOperationException">No native torch library loads, or the device does not exist.</exception>
    public static SentenceEncoder Load(string path, SentenceEncoderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new();
        var device = TorchRuntime.PickDevice(options.Device);
        if (Directory.Exists(path)) return Load(new FolderFileSource(path), options, device, FolderName.Of(path));
        if (!File.Exists(path))
            throw new DirectoryNotFoundException($"There is no folder or zip '{Path.GetFullPath(path)}'.{HubName.Advice(path)}");
        using var zip = OpenZip(path);
        return Load(ZipFileSource.Find(zip, Path.GetFullPath(path)), options, device);
    }

    /// <summary>Reads the encoder that comes with the package: English, 256 dimensions, mean pooling, normalised.</summary>
    /// <param name="options">Settings that replace the encoder's own. Default: none.</param>
    /// <returns>A new encoder at each call; it belongs to the caller.</returns>
    /// <exception cref="InvalidOperationException">No native torch library loads, or the device does not exist.</exception>
    public static SentenceEncoder LoadDefault(SentenceEncoderOptions? options = null)
    {
        options ??= new();
        var device = TorchRuntime.PickDevice(options.Device);
        return Load(new EmbeddedFileSource(typeof(SentenceEncoder).Assembly, "DefaultEncoder"), options, device, DefaultName);
    }

    /// <summary>Reads an encoder from any source of files.</summary>
    /// <param name="source">The files.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="device">The device of the weights.</param>
    /// <param name="name">The encoder's name if its card has none.</param>
    internal static SentenceEncoder Load(IModelFileSource source, SentenceEncoderOptions? options, torch.Device device, string? name = null)
    {
        options ??= new();
        Validate(options);
        bool lacks = options.Precision == Precision.BFloat16 && !BFloat16Support.IsOn(device);
        if (lacks && options.AllowPrecisionFallback) options = options with { Precision = Precision.Float32 };
        if (options.Precision == Precision.BFloat16) BFloat16Support.Require($"SentenceEncoderOptions.{nameof(options.Precision)}", device);
        var card = ModelCardFile.Read(source) ?? new();
        var encoder = Over(EncoderModelFiles.Read(source, options, device), options, card with { Name = card.Name ?? name });
        encoder.BeginFingerprint();
        return encoder;
    }

    /// <summary>Writes the encoder as a sentence-transformers folder with float32 weights. The folder is complete or not there at
    /// all.</summary>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <exception cref="IOException">The folder has content or could not be written; nothing of it is left.</exception>
    /// <exception cref="NotSupportedException">The layout has no name for the encoder's pooling.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder) => Save(folder, null);

    /// <summary>Writes the encoder as <see cref="Save(string)"/> does, with a model card of the caller's or an ONNX file.</summary>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <param name="options">Default: null, a new <see cref="SaveOptions"/>.</param>
    /// <exception cref="ArgumentException">A part of the card is not valid on the Hugging Face Hub, or the quantization is not known; names
    /// it.</exception>
    /// <exception cref="IOException">The folder has content or could not be written; nothing of it is left.</exception>
    /// <exception cref="NotSupportedException">The layout has no name for the encoder's pooling.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder, SaveOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!PoolingFile.IsPortable(Pooling))
            throw new NotSupportedException(
                $"Pooling {Pooling} has no name in the sentence-transformers layout; {Pooling.Cls}, {Pooling.Mean} and {Pooling.Max} have. "
                + "Save an ML.NET model (mlContext.Model.Save), which keeps it, or load the encoder with "
                + $"SentenceEncoderOptions.Pooling = {Pooling.Mean} and measure again.");
        var card = options?.Card is { } own ? own.Over(Card) : Card;
        card.Validate();
        if (options?.Onnx is { } onnx) OnnxExporter.Validate(onnx);
        Use(model =>
        {
            AtomicFolder.Write(folder, sink =>
            {
                EncoderModelFiles.Write(model, sink);
                if (options?.Onnx is not null) OnnxExporter.Write(model, sink, options.Onnx);
                ModelCardFile.Write(sink, card);
                byte[] text = System.Text.Encoding.UTF8.GetBytes(ModelCardText.Write(card, Subject(model)));
                sink.Write("README.md", stream => stream.Write(text));
            });
            return true;
        });
    }

    /// <summary>Writes the encoder as one ONNX file, from token ids to the final vector: for ONNX Runtime, on any machine and in any
    /// language.</summary>
    /// <remarks>
    /// <para>Inputs, int64 (batch, tokens): <c>input_ids</c>, <c>attention_mask</c> and, if the model has several token types,
    /// <c>token_type_ids</c>. If the folder's pooling leaves the prompt out, also the number <c>prompt_length</c>, which may be omitted.
    /// Outputs, float32: <c>token_embeddings</c> (batch, tokens, H) and <c>sentence_embedding</c> (batch, D), pooled and, if the encoder
    /// does so, normalised. ONNX opset 17, IR version 8, standard operators only.</para>
    /// <para>Weights of more than 2 GB are written into a second file beside it, named as <paramref name="file"/> with <c>_data</c> at the
    /// end.</para>
    /// <para>The weights are written in float32 or int8, whatever <see cref="Precision"/> the encoder computes in. An existing file is
    /// replaced.</para>
    /// </remarks>
    /// <param name="file">The file, usually with the ending .onnx.</param>
    /// <param name="options">Default: a new <see cref="OnnxExportOptions"/>.</param>
    /// <exception cref="ArgumentException">The quantization is not known.</exception>
    /// <exception cref="IOException">The file could not be written; nothing of it is left.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void ExportOnnx(string file, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        options ??= new();
        OnnxExporter.Validate(options);
        Use(model =>
        {
            OnnxExporter.Write(model, file, options);
            return true;
        });
    }

    /// <summary>Writes every file that <see cref="Load(IModelFileSource, SentenceEncoderOptions?, torch.Device, string?)"/>
    /// reads.</summary>
    internal override void SaveFiles(IModelFileSink sink) => Use(model =>
    {
        EncoderModelFiles.Write(model, sink);
        ModelCardFile.Write(sink, Card);
        return true;
    });

    void IOnnxExportable.ExportOnnx(IModelFileSink sink) => Use(model =>
    {
        EncoderModelFiles.WriteSettings(model, sink);
        OnnxExporter.WriteWhole(model, sink);
        ModelCardFile.Write(sink, Card);
        return true;
    });

    /// <summary>An encoder that owns a model. If it cannot be made (no memory for the weights in its precision), the model is
    /// disposed.</summary>
    internal static SentenceEncoder Over(EncoderModel model, SentenceEncoderOptions options, ModelCard card)
    {
        try
        {
            return new(model, options, card);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The same encoder with weights of its own, under another card.</summary>
    internal SentenceEncoder Copy(ModelCard card) => Use(model =>
    {
        var copy = model.Clone(model.Device, model.Pooling, trains: false);
        copy.Freeze();
        return Over(copy, Options, card);
    });

    /// <summary>Runs a function on the model; <see cref="TextEncoder.Dispose"/> waits for its end.</summary>
    internal T Use<T>(Func<EncoderModel, T> action) => base.Use(model => action((EncoderModel)model));

    private static CardSubject Subject(EncoderModel model) => new(
        model.Configuration.ModelType, model.Network.LayerCount, model.Dimensions, model.MaxSequenceLength, model.Pooling, model.Normalize,
        [.. model.Prompts.Config.Prompts.Keys], model.Prompts.Config.DefaultPromptName);

    private static ZipArchive OpenZip(string path)
    {
        using (var file = File.OpenRead(path)) GitLfsPointer.Refuse(file, $"'{Path.GetFullPath(path)}'");
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException(
                $"'{Path.GetFullPath(path)}' is neither a model's folder nor a readable zip: {error.Message}", error);
        }
    }

    private static void Validate(SentenceEncoderOptions options)
    {
        if (options.MaxTokensPerBatch < 1) throw Wrong(options.MaxTokensPerBatch, "MaxTokensPerBatch must be at least 1");
        if (options.Threads is { } threads and < 1) throw Wrong(threads, "Threads must be at least 1");
        if (options.Pooling is { } pooling && !Enum.IsDefined(pooling)) throw Wrong(pooling, "Pooling is not a known pooling");
        if (!Enum.IsDefined(options.Precision)) throw Wrong(options.Precision, "Precision is not a known precision");

        static ArgumentOutOfRangeException Wrong(object value, string what)
            => new(nameof(options), value, $"SentenceEncoderOptions.{what}.");
    }
}
