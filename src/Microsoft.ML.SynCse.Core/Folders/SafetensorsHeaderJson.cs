using System.Text.Json;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>What the JSON of a safetensors header says, read in one pass; whether its numbers fit together is <see cref="SafetensorsHeader"/>'s question.</summary>
internal sealed class SafetensorsHeaderJson
{
    private const string Metadata = "__metadata__";
    private const int Depth = 8, MostDimensions = 8;

    private SafetensorsHeaderJson()
    {
    }

    /// <summary>The tensors in the order of the JSON.</summary>
    public List<SafetensorsEntry> Entries { get; } = [];

    /// <summary>The texts of the metadata. Where safetensors' own <c>save_model</c> meets one tensor under two names, it keeps one and writes here: the name that was dropped, the name that was kept.</summary>
    public List<(string Name, string Kept)> Aliases { get; } = [];

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is not JSON or not a header; names the file and the tensor.</exception>
    public static SafetensorsHeaderJson Read(ReadOnlySpan<byte> json, string file)
    {
        var options = new JsonReaderOptions { MaxDepth = Depth };
        try
        {
            JsonCheck.Check(json, options, uniqueNames: true, int.MaxValue);
        }
        catch (JsonException error)
        {
            throw SafetensorsHeader.Damaged(file, $"its header cannot be read ({error.Message.TrimEnd('.')})", error);
        }
        var header = new SafetensorsHeaderJson();
        var reader = new Utf8JsonReader(json, options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw SafetensorsHeader.Damaged(file, "its header cannot be read (it is not an object)");
        while (Name(ref reader) is { } name)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw SafetensorsHeader.Damaged(file, $"{ModelFileName.Shown(name)} is not an object");
            if (name == Metadata) header.ReadMetadata(ref reader, file);
            else header.Entries.Add(ReadTensor(ref reader, name, file));
        }
        return header;
    }

    private void ReadMetadata(ref Utf8JsonReader reader, string file)
    {
        while (Name(ref reader) is { } name)
        {
            if (reader.TokenType != JsonTokenType.String) throw SafetensorsHeader.Damaged(file, $"its metadata {ModelFileName.Shown(name)} is not a text");
            Aliases.Add((name, reader.GetString()!));
        }
    }

    private static SafetensorsEntry ReadTensor(ref Utf8JsonReader reader, string tensor, string file)
    {
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (Name(ref reader) is { } name)
        {
            if (name == "dtype" && reader.TokenType == JsonTokenType.String) dtype = reader.GetString()!;
            else if (name == "shape" && reader.TokenType == JsonTokenType.StartArray) shape = Numbers(ref reader, MostDimensions);
            else if (name == "data_offsets" && reader.TokenType == JsonTokenType.StartArray) offsets = Numbers(ref reader, 2);
            else reader.Skip();
        }
        if (dtype is not null && shape is not null && offsets is { Count: 2 }) return new(file, tensor, dtype, [.. shape], offsets[0], offsets[1]);
        throw SafetensorsHeader.Damaged(file, $"the tensor {ModelFileName.Shown(tensor)} lacks a dtype, a shape of at most {MostDimensions} whole numbers from 0, or two data_offsets");
    }

    // The next name of an object, the reader moved to its value; null at the object's end.
    private static string? Name(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject) return null;
        var name = reader.GetString()!;
        reader.Read();
        return name;
    }

    // Null where the array holds anything but a few whole numbers from 0.
    private static List<long>? Numbers(ref Utf8JsonReader reader, int most)
    {
        var numbers = new List<long>(2);
        bool sound = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || numbers.Count == most) sound = false;
            else numbers.Add(number);
            reader.Skip();
        }
        return sound ? numbers : null;
    }
}
