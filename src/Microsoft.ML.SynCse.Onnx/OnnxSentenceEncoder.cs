using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Onnx.Encoders;
using Microsoft.ML.SynCse.Onnx.MLNet;

namespace Microsoft.ML.SynCse;

/// <summary>A <see cref="TextEncoder"/> that computes in ONNX Runtime: no TorchSharp and no libtorch is needed.</summary>
/// <remarks>
/// <para>It reads the folders that <c>SentenceEncoder.Save</c> writes with an ONNX file, sentence-transformers folders with <c>onnx/</c>,
/// and what Hugging Face's Optimum exports, with or without the pooling in the graph.</para>
/// <para>Every member may be called from several threads at once. Each CPU that the process may use computes a batch of its own
/// (<see cref="OnnxEncoderOptions.Threads"/>).</para>
/// <para>A text alone is computed on one core. For the least time for one long text, give <see cref="OnnxEncoderOptions.SessionOptions"/>
/// with several threads.</para>
/// <para>In int8 the scale of a product's input is that of its whole batch, so a vector depends a little on the texts that it is encoded
/// with. The rounding of 1e-5 that <see cref="TextEncoder"/> promises holds for float32.</para>
/// <para>An int8 file with 8-bit weights needs a processor with VNNI instructions (AVX512-VNNI or AVX-VNNI), or Arm. Other processors add
/// its products in 16 bits, which cuts large sums off, so its vectors are wrong: use a file with weights of reduced range
/// (<c>model_qint8_avx2.onnx</c>) there.</para>
/// </remarks>
/// <example><code>
/// using var encoder = OnnxSentenceEncoder.Load("models/support");
/// float[][] vectors = encoder.Encode(["My parcel has not come.", "The package is still missing."]);
/// </code></example>
public sealed class OnnxSentenceEncoder : TextEncoder
{
    private readonly OnnxEncoderModel _files;

    private OnnxSentenceEncoder(OnnxEncoderModel model, OnnxEncoderOptions options, ModelCard card)
        : base(model, options.MaxTokensPerBatch, options.Logger, card) => (_files, Options) = (model, options);

    /// <inheritdoc/>
    internal override string Kind => EncoderKind.Onnx;

    /// <inheritdoc/>
    internal override IReadOnlyDictionary<string, string> SavedSettings => OnnxEncoderLoader.Settings(Options);

    /// <summary>What is wrong with the file on this machine; null if nothing is.</summary>
    internal string? Warning => _files.Warning;

    /// <summary>The options that the encoder was loaded with.</summary>
    internal OnnxEncoderOptions Options { get; }

    /// <summary>Reads an encoder from a folder.</summary>
    /// <param name="folder">The folder, with config.json, the tokenizer's files and an ONNX file.</param>
    /// <param name="options">Default: a new <see cref="OnnxEncoderOptions"/>.</param>
    /// <returns>The encoder; it belongs to the caller.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The files are not an encoder that can be used: names the file and the reason.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static OnnxSentenceEncoder Load(string folder, OnnxEncoderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{Path.GetFullPath(folder)}'.{HubName.Advice(folder)}");
        return Load(new FolderFileSource(folder), options ?? new(), FolderName.Of(folder));
    }

    /// <summary>Reads an encoder from any source of files.</summary>
    internal static OnnxSentenceEncoder Load(IModelFileSource files, OnnxEncoderOptions options, string? name = null)
    {
        Validate(options);
        var card = ModelCardFile.Read(files) ?? new();
        var model = OnnxEncoderModel.Read(files, options);
        var encoder = new OnnxSentenceEncoder(model, options, card with { Name = card.Name ?? name });
        if (model.Warning is { } warning) options.Logger?.LogWarning("{Warning}", warning);
        encoder.BeginFingerprint();
        return encoder;
    }

    /// <inheritdoc/>
    internal override void SaveFiles(IModelFileSink sink)
    {
        EnsureUsable();
        _files.Write(sink);
        ModelCardFile.Write(sink, Card);
    }

    private static void Validate(OnnxEncoderOptions options)
    {
        if (options.Threads is < 1) throw OutOfRange(nameof(options.Threads), options.Threads);
        if (options.MaxTokensPerBatch < 1) throw OutOfRange(nameof(options.MaxTokensPerBatch), options.MaxTokensPerBatch);
        if (options.File is { } file && !ModelFileName.IsInside(file))
            throw new ArgumentException(
                $"OnnxEncoderOptions.File is '{ModelFileName.Shown(file)}'; it must be the path of a file inside the encoder's folder, "
                    + $"with '/' "
                + "between folders.", nameof(options));
    }

    private static ArgumentOutOfRangeException OutOfRange(string option, object? value)
        => new(option, value, $"OnnxEncoderOptions.{option} must be at least 1.");
}
