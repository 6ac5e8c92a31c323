using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>A transformer inside an ML.NET model: a header in the main stream, the encoder's files in the folder <c>encoder/</c> beside it.</summary>
/// <remarks>The header is: its length as int32, its UTF-8 JSON, the JSON's SHA-256. ML.NET writes and finds the main stream.</remarks>
internal static class EmbeddingModelFormat
{
    // Part of every saved model, with the assembly's simple name: a changed value makes all earlier files unreadable.
    // ML.NET allows a loader signature at most 24 characters and wants 8 for the model's.
    internal const string LoaderSignature = "SynCseEmbedding";
    internal const string ModelSignature = "SYNCSEMB";
    internal const string Folder = "encoder/";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    internal const uint Written = 0x00010001;
    private const uint Readable = 0x00010001;
    private const uint OldestRead = 0x00010001;

    private const int LongestHeader = 64 << 20;

    private static VersionInfo Version => new(ModelSignature, Written, Readable, OldestRead, typeof(EmbeddingModelFormat).Assembly.GetName().Name, LoaderSignature);

    /// <summary>Writes the encoder's files, then the header that lists them.</summary>
    public static void Save(ModelSaveContext context, string outputColumn, string inputColumn, SentenceEncoder encoder, TrainingSummary? training)
    {
        if (!context.InRepository) throw new NotSupportedException("A SynCse embedding cannot be saved to a single stream, only into an ML.NET model (mlContext.Model.Save).");
        FileSizeLimit.MakeItAnError();
        context.CheckAtModel();
        context.SetVersionInfo(Version);
        var sink = new ModelEntrySink(context, Folder);
        encoder.Save(sink);
        var header = new EmbeddingModelHeader
        {
            InputColumn = inputColumn,
            OutputColumn = outputColumn,
            Training = training,
            MaxTokensPerBatch = encoder.Options.MaxTokensPerBatch,
            Files = sink.Files,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, EmbeddingModelJson.Default.EmbeddingModelHeader);
        context.Writer.Write(json.Length);
        context.Writer.Write(json);
        context.Writer.Write(SHA256.HashData(json));
    }

    /// <summary>Reads what <see cref="Save"/> wrote; the weights go where the ML.NET context's device is.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, or a file of it is missing.</exception>
    public static SynCseEmbeddingTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        CheckVersion(context);
        var header = ReadHeader(context);
        var device = MLNetEnvironment.PickDevice(environment);
        var options = new SentenceEncoderOptions { MaxTokensPerBatch = header.MaxTokensPerBatch };
        var encoder = SentenceEncoder.Load(new ModelEntrySource(context, Folder, header.Files), options, device);
        try
        {
            return new SynCseEmbeddingTransformer(environment, header.OutputColumn, header.InputColumn, encoder, ownsEncoder: true, header.Training);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    private static void CheckVersion(ModelLoadContext context)
    {
        uint needed = context.Header.ModelVerReadable;
        if (needed > Written)
        {
            throw new FormatException(
                $"The SynCse embedding in '{context.Directory}' was saved by a later Microsoft.ML.SynCse (format {Text(needed)}; this one reads up to {Text(Written)}). Update the package.");
        }
        context.CheckAtModel(Version);
    }

    private static EmbeddingModelHeader ReadHeader(ModelLoadContext context)
    {
        try
        {
            int length = context.Reader.ReadInt32();
            if (length is <= 0 or > LongestHeader) throw Damaged(context, null);
            byte[] json = context.Reader.ReadBytes(length);
            byte[] hash = context.Reader.ReadBytes(SHA256.HashSizeInBytes);
            if (!SHA256.HashData(json).AsSpan().SequenceEqual(hash)) throw Damaged(context, null);
            return JsonSerializer.Deserialize(json, EmbeddingModelJson.Default.EmbeddingModelHeader) ?? throw Damaged(context, null);
        }
        catch (Exception error) when (error is EndOfStreamException or JsonException)
        {
            throw Damaged(context, error);
        }
    }

    private static InvalidDataException Damaged(ModelLoadContext context, Exception? inner)
        => new($"The header of the SynCse embedding in '{context.Directory}' of the model is damaged. Copy or save the model again.", inner);

    private static string Text(uint version) => $"{version >> 16}.{version & 0xFFFF}";
}
