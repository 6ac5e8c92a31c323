using System.IO.Compression;
using System.Security.Cryptography;
using TextEncoding = System.Text.Encoding;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Ways to spoil a saved model's zip.</summary>
internal static class SavedModel
{
    public const string Header = "TransformerChain/Model.key";
    private const int VersionWrittenAt = 72, VersionReadableAt = 76;

    /// <summary>A copy of the model in which one entry's content is changed; null removes the entry.</summary>
    public static string With(string path, string entry, Func<byte[], byte[]?> change)
    {
        string copy = Path.Combine(Path.GetDirectoryName(path)!, $"{Guid.NewGuid():N}.zip");
        using var source = ZipFile.OpenRead(path);
        using var target = ZipFile.Open(copy, ZipArchiveMode.Create);
        foreach (var old in source.Entries)
        {
            byte[]? content = Read(old);
            if (Name(old) == entry) content = change(content);
            if (content is null) continue;
            using var stream = target.CreateEntry(old.FullName).Open();
            stream.Write(content);
        }
        return copy;
    }

    /// <summary>The step that tuning returns, over an encoder that was not tuned: Anchor to Features.</summary>
    public static SynCseEmbeddingTransformer Step(MLContext ml, SentenceEncoder encoder)
        => SynCseEmbeddingTransformer.Of(ml, "Features", "Anchor", encoder);

    /// <summary>The names of a zip's entries, with '/' between folders.</summary>
    public static string[] Entries(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        return [.. zip.Entries.Select(Name)];
    }

    /// <summary>The first entry with a name's content.</summary>
    public static byte[] Content(string path, string entry)
    {
        using var zip = ZipFile.OpenRead(path);
        return Read(zip.Entries.First(e => Name(e) == entry));
    }

    public static byte[] FlipABit(byte[] content)
    {
        content[content.Length / 2] ^= 4;
        return content;
    }

    /// <summary>The main stream of a transformer that asks for a later format.</summary>
    public static byte[] OfALaterVersion(byte[] header)
    {
        BitConverter.TryWriteBytes(header.AsSpan(VersionReadableAt), 0x00020003u);
        return header;
    }

    /// <summary>The main stream of a transformer as an earlier format wrote it.</summary>
    public static byte[] OfVersion(byte[] header, uint written)
    {
        BitConverter.TryWriteBytes(header.AsSpan(VersionWrittenAt), written);
        return header;
    }

    /// <summary>The main stream with words in its JSON replaced by as many others, and its checksum mended.</summary>
    public static byte[] WithJson(byte[] header, string old, string replacement)
    {
        int start = header.AsSpan().IndexOf("{\"InputColumn\""u8), length = BitConverter.ToInt32(header, start - 4);
        byte[] json = TextEncoding.UTF8.GetBytes(TextEncoding.UTF8.GetString(header, start, length).Replace(old, replacement));
        Assert.HasCount(length, json);
        json.CopyTo(header, start);
        SHA256.HashData(json).CopyTo(header, start + length);
        return header;
    }

    private static string Name(ZipArchiveEntry entry) => entry.FullName.Replace('\\', '/');

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
