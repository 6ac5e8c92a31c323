using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>A <see cref="TextEncoderTransformer"/> inside an ML.NET model: a header in the main stream
/// (<see cref="ModelHeaderFormat{T}"/>), the encoder's files in the folder <c>encoder/</c> beside it.</summary>
internal static class TextEncoderFormat
{
    // Part of every saved model, with the assembly's simple name: a changed value makes all earlier files unreadable.
    // ML.NET allows a loader signature at most 24 characters and needs exactly 8 for the model's.
    internal const string LoaderSignature = "SynCseTextEncoder";
    internal const string ModelSignature = "SYNCSETX";

    /// <summary>Where the files of an encoder lie, in every format.</summary>
    internal const string Folder = "encoder/";

    // 0x00010001 = 1.1. A version that older code can still read raises Written only; one that it cannot raises Readable too.
    internal const uint Written = 0x00010001;
    private const uint Readable = 0x00010001;
    private const uint OldestRead = 0x00010001;

    private static readonly ModelHeaderFormat<TextEncoderHeader> _header = new("SynCse text encoder",
        new(ModelSignature, Written, Readable, OldestRead, typeof(TextEncoderFormat).Assembly.GetName().Name, LoaderSignature),
            TextEncoderHeaderJson.Default.TextEncoderHeader);

    /// <summary>Writes the encoder's files, then the header that lists them.</summary>
    public static void Save(ModelSaveContext context, TextEncoderTransformer step)
    {
        _header.Begin(context);
        var sink = new ModelEntrySink(context, Folder);
        step.Encoder.SaveFiles(sink);
        _header.Write(context, new TextEncoderHeader
        {
            InputColumn = step.InputColumnName,
            OutputColumn = step.OutputColumnName,
            Kind = step.Encoder.Kind,
            Settings = step.Encoder.SavedSettings,
            Files = sink.Files,
        });
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged, or a file of it is missing.</exception>
    /// <exception cref="InvalidOperationException">The application does not reference the package that computes this kind of encoder; the
    /// message names it.</exception>
    public static TextEncoderTransformer Load(IHostEnvironment environment, ModelLoadContext context)
    {
        var header = _header.Read(context);
        // JSON may say null where C# does not.
        if (header.Kind is null || header.Settings is null || header.InputColumn is null
            || header.OutputColumn is null) throw _header.Damaged(context, null);
        string what = $"The sentence embedding '{header.InputColumn}' -> '{header.OutputColumn}' of the model";
        var encoder = EncoderKind.LoaderOf(header.Kind, what)
            .Load(environment, new ModelEntrySource(context, Folder, header.Files), header.Settings, what);
        try
        {
            return new TextEncoderTransformer(
                environment, nameof(TextEncoderTransformer), header.OutputColumn, header.InputColumn, encoder, ownsEncoder: true);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }
}

/// <summary>What a saved transformer keeps beside the encoder's files.</summary>
internal sealed record TextEncoderHeader
{
    public required string InputColumn { get; init; }

    public required string OutputColumn { get; init; }

    /// <summary>The kind of the encoder, one of <see cref="EncoderKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The encoder's settings that are in none of its files.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Every file of the encoder; one that is not listed does not exist.</summary>
    public required IReadOnlyList<EmbeddingModelFile> Files { get; init; }
}

/// <summary>The JSON of <see cref="TextEncoderHeader"/>.</summary>
[JsonSerializable(typeof(TextEncoderHeader))]
internal sealed partial class TextEncoderHeaderJson : JsonSerializerContext;
