using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>The main stream of a component of ours inside an ML.NET model: the header's length as int32, its UTF-8 JSON, the JSON's
/// SHA-256. ML.NET writes and finds the stream.</summary>
/// <param name="what">The component in messages, such as "SynCse embedding".</param>
/// <param name="version">Its signatures and versions.</param>
/// <param name="json">How its header is written.</param>
internal sealed class ModelHeaderFormat<T>(string what, VersionInfo version, JsonTypeInfo<T> json)
    where T : class
{
    private const int LongestHeader = 64 << 20;

    /// <summary>Begins a component; anything it keeps beside its main stream is written after this and before
    /// <see cref="Write"/>.</summary>
    /// <exception cref="NotSupportedException">ML.NET saves to a single stream, which this cannot be saved to.</exception>
    public void Begin(ModelSaveContext context)
    {
        if (!context.InRepository) throw new NotSupportedException(
            $"A {what} cannot be saved to a single stream, only into an ML.NET model (mlContext.Model.Save).");
        context.CheckAtModel();
        context.SetVersionInfo(version);
    }

    /// <summary>Writes the header.</summary>
    public void Write(ModelSaveContext context, T header)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(header, json);
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        context.Writer.Flush();
        using var stream = new FileSizeLimitStream(context.Writer.BaseStream, leaveOpen: true);
        stream.Write([.. length, .. bytes, .. SHA256.HashData(bytes)]);
    }

    /// <summary>Checks the version and reads the header.</summary>
    /// <exception cref="FormatException">A later version wrote the model.</exception>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    public T Read(ModelLoadContext context)
    {
        CheckVersion(context);
        try
        {
            int length = context.Reader.ReadInt32();
            if (length is <= 0 or > LongestHeader) throw Damaged(context, null);
            byte[] bytes = context.Reader.ReadBytes(length);
            byte[] hash = context.Reader.ReadBytes(SHA256.HashSizeInBytes);
            if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(hash)) throw Damaged(context, null);
            return JsonSerializer.Deserialize(bytes, json) ?? throw Damaged(context, null);
        }
        catch (Exception error) when (error is EndOfStreamException or JsonException)
        {
            throw Damaged(context, error);
        }
    }

    /// <summary>The error where the header cannot be what was saved.</summary>
    public InvalidDataException Damaged(ModelLoadContext context, Exception? inner)
        => new($"The header of the {what} in '{context.Directory}' of the model is damaged. Copy or save the model again.", inner);

    private void CheckVersion(ModelLoadContext context)
    {
        uint needed = context.Header.ModelVerReadable;
        if (needed > version.VerWrittenCur)
        {
            throw new FormatException(
                $"The {what} in '{context.Directory}' was saved by a later version of the package {OwnPackage.Of(typeof(T).Assembly)} "
                    + $"(format {Text(needed)}; this one reads up to {Text(version.VerWrittenCur)}). Update it.");
        }
        context.CheckAtModel(version);
    }

    private static string Text(uint version) => $"{version >> 16}.{version & 0xFFFF}";
}
