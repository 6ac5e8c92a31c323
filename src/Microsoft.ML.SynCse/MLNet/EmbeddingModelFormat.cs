using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>A transformer inside an ML.NET model: a header in the main stream (<see cref="ModelHeaderFormat{T}"/>), the encoder's files in the folder <c>encoder/</c> beside it.</summary>
internal static class EmbeddingModelFormat
{
    // Part of every saved model, with the assembly's simple name: a changed value makes all earlier files unreadable.
    // ML.NET allows a loader signature at most 24 characters and wants 8 for the model's.
    internal const string LoaderSignature = "SynCseEmbedding";
    internal const string ModelSignature = "SYNCSEMB";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    // 1.2 added the report of a synthesis, 1.3 the encoder's prompts and card, 1.4 the precision.
    internal const uint Written = 0x00010004;
    private const uint Readable = 0x00010001;
    private const uint ReadableWithPrompt = 0x00010003;                                                 // an earlier version would encode without the prompt
    // an earlier version would encode in float32
    private const uint ReadableInPrecision = 0x00010004;
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<EmbeddingModelHeader> Header = Format(Readable),
        HeaderWithPrompt = Format(ReadableWithPrompt), HeaderInPrecision = Format(ReadableInPrecision);

    /// <summary>Writes the encoder's files, then the header that lists them.</summary>
    public static void Save(ModelSaveContext context, string outputColumn, string inputColumn, SentenceEncoder encoder, TrainingSummary? training, SynthesisReport? synthesis)
    {
        var format = encoder.Precision != Precision.Float32 ? HeaderInPrecision : encoder.HasDefaultPrompt ? HeaderWithPrompt : Header;
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

    /// <summary>Reads what <see cref="Save"/> wrote; the weights go where the ML.NET context's device is.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, or a file of it is missing.</exception>
    /// <exception cref="NotSupportedException">The model computes in a precision that the machine lacks, and
    /// <see cref="PrecisionFallback"/> is not asked for.</exception>
    public static SynCseEmbeddingTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = Header.Read(context);
        var device = TorchDevice.Pick(environment);
        if (!Enum.IsDefined(header.Precision) || header.MaxTokensPerBatch < 1) throw Header.Damaged(context, null);
        var precision = PrecisionFallback.Pick(environment, header.Precision, device,
            $"The SynCse embedding '{header.InputColumn}' -> '{header.OutputColumn}' of the model");
        var options = new SentenceEncoderOptions { MaxTokensPerBatch = header.MaxTokensPerBatch, Precision = precision };
        var encoder = SentenceEncoder.Load(new ModelEntrySource(context, TextEncoderFormat.Folder, header.Files), options, device);
        try
        {
            return new SynCseEmbeddingTransformer(environment, header.OutputColumn, header.InputColumn, encoder, ownsEncoder: true, header.Training, header.Synthesis);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static ModelHeaderFormat<EmbeddingModelHeader> Format(uint readable) => new("SynCse embedding",
        new(ModelSignature, Written, readable, OldestRead, typeof(EmbeddingModelFormat).Assembly.GetName().Name, LoaderSignature), EmbeddingModelJson.Default.EmbeddingModelHeader);
}
