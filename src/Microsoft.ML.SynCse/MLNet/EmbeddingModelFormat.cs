using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>A <see cref="SynCseEmbeddingTransformer"/> inside an ML.NET model: a header in the main stream
/// (<see cref="ModelHeaderFormat{T}"/>), and the encoder's files in the folder <c>encoder/</c>.</summary>
internal static class EmbeddingModelFormat
{
    // Part of every saved model, with the simple name of the assembly: with another value, older files cannot be read. ML.NET allows a
    // loader signature at most 24 characters, and needs 8 for the model's.
    internal const string LoaderSignature = "SynCseEmbedding";
    internal const string ModelSignature = "SYNCSEMB";

    // 0x00010001 is 1.1. A version that older code can still read raises only Written; one that it cannot raises Readable too.
    // 1.2 added the report of a synthesis, 1.3 the encoder's prompts and card, 1.4 the precision.
    internal const uint Written = 0x00010004;
    private const uint Readable = 0x00010001;
    private const uint ReadableWithPrompt = 0x00010003;                 // an earlier version would encode without the prompt
    private const uint ReadableInPrecision = 0x00010004;                // an earlier version would encode in float32
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<EmbeddingModelHeader> _header = Format(Readable),
        _headerWithPrompt = Format(ReadableWithPrompt), _headerInPrecision = Format(ReadableInPrecision);

    /// <summary>Writes the encoder's files, then the header that lists them.</summary>
    public static void Save(
        ModelSaveContext context, string outputColumn, string inputColumn, SentenceEncoder encoder, TrainingSummary? training,
        SynthesisReport? synthesis)
    {
        var format = encoder.Precision != Precision.Float32 ? _headerInPrecision : encoder.HasDefaultPrompt ? _headerWithPrompt : _header;
        format.Begin(context);
        var sink = new ModelEntrySink(context, TextEncoderFormat.Folder);
        encoder.SaveFiles(sink);
        format.Write(context, new EmbeddingModelHeader
        {
            InputColumn = inputColumn,
            OutputColumn = outputColumn,
            Training = training,
            Synthesis = synthesis,
            MaxTokensPerBatch = encoder.Options.MaxTokensPerBatch,
            Precision = encoder.Precision,
            Files = sink.Files,
        });
    }

    /// <summary>Reads the files that <see cref="Save"/> wrote; the weights go to the device of the ML.NET context.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, or a file of it is missing.</exception>
    /// <exception cref="NotSupportedException">The model computes in a precision that the machine does not support, and the application
    /// does not allow another (<see cref="PrecisionFallback"/>).</exception>
    public static SynCseEmbeddingTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = _header.Read(context);
        if (!Enum.IsDefined(header.Precision) || header.MaxTokensPerBatch < 1) throw _header.Damaged(context, null);
        var encoder = TorchEncoderLoader.Load(
            environment, new ModelEntrySource(context, TextEncoderFormat.Folder, header.Files), header.MaxTokensPerBatch, header.Precision,
            $"The SynCse embedding '{header.InputColumn}' -> '{header.OutputColumn}' of the model");
        try
        {
            return new SynCseEmbeddingTransformer(
                environment, header.OutputColumn, header.InputColumn, encoder, ownsEncoder: true, header.Training, header.Synthesis);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static ModelHeaderFormat<EmbeddingModelHeader> Format(uint readable) => new(
        "SynCse embedding",
        new(ModelSignature, Written, readable, OldestRead, typeof(EmbeddingModelFormat).Assembly.GetName().Name, LoaderSignature),
        EmbeddingModelJson.Default.EmbeddingModelHeader);
}

/// <summary>The header of a saved transformer: its settings and the list of the encoder's files.</summary>
internal sealed record EmbeddingModelHeader
{
    public required string InputColumn { get; init; }

    public required string OutputColumn { get; init; }

    public TrainingSummary? Training { get; init; }

    /// <summary>The synthesis that wrote the training examples; null if there was none, or if the file is older than format 1.2.</summary>
    public SynthesisReport? Synthesis { get; init; }

    /// <summary><see cref="SentenceEncoderOptions.MaxTokensPerBatch"/>: with other batches the last digits of a vector differ.</summary>
    public required int MaxTokensPerBatch { get; init; }

    /// <summary><see cref="SentenceEncoderOptions.Precision"/>: in another one, vectors differ from the third digit on. Float32 if the file
    /// is older than format 1.4.</summary>
    public Precision Precision { get; init; }

    /// <summary>Every file of the encoder; a file that is not in the list is not read.</summary>
    public required IReadOnlyList<EmbeddingModelFile> Files { get; init; }
}

/// <summary>The JSON of <see cref="EmbeddingModelHeader"/>; losses may be NaN.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EmbeddingModelHeader))]
internal sealed partial class EmbeddingModelJson : JsonSerializerContext;
