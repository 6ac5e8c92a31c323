using System.Buffers.Binary;
using System.IO.Compression;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Changes to a saved model's zip, each of which breaks a rule of the zip or of the model in it.</summary>
internal static class ZipMutations
{
    // Of the encoder's files those without which there is none.
    private static readonly string[] _needed = ["config.json", "model.safetensors", "modules.json", "1_Pooling/config.json"];

    /// <summary>One change; the same for the same draws.</summary>
    /// <param name="whole">The zip before.</param>
    /// <param name="random">The draws.</param>
    /// <param name="checksums">Whether the zip's own checksum counts: ML.NET's loader does not look at it, and our part of the model has a
    /// better one.</param>
    public static Mutation Make(byte[] whole, Random random, bool checksums)
    {
        string needed = _needed[random.Next(_needed.Length)];
        bool IsNeeded(ZipArchiveEntry entry) => entry.FullName.Replace('\\', '/').EndsWith("/encoder/" + needed, StringComparison.Ordinal);
        switch (random.Next(7))
        {
            case 0: return new("cut", true, whole[..random.Next(whole.Length)]);
            case 1: return new("entry gone", true, Rewrite(whole, (entry, name, content) => IsNeeded(entry) ? null : (name, content)));
            case 2:
                return new(
                "entry under another name", true,
                Rewrite(whole, (entry, name, content)
                => (IsNeeded(entry) ? name.Replace("encoder", "../encoder", StringComparison.Ordinal) : name, content)));
            case 3: return new("entry of nothing", true, Rewrite(whole, (entry, name, content) => (name, IsNeeded(entry) ? [] : content)));
            case 4: return new("entry that unpacks to a gigabyte", true, Central(whole, needed, 24, 1 << 30));
            case 5: return new("size", true, Central(whole, needed, 24, random.Next(1, 50)));
            default: return new("checksum", checksums, Central(whole, needed, 16, random.Next()));
        }
    }

    private static byte[] Rewrite(byte[] whole, Func<ZipArchiveEntry, string, byte[], (string Name, byte[] Content)?> change)
    {
        var target = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(whole)))
        using (var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries)
            {
                using var stream = entry.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                if (change(entry, entry.FullName, content.ToArray()) is not { } changed) continue;
                using var written = zip.CreateEntry(changed.Name).Open();
                written.Write(changed.Content);
            }
        }
        return target.ToArray();
    }

    // A number of an entry's record in the table of contents: 16 the checksum, 24 the size; 46 where the name begins.
    private static byte[] Central(byte[] whole, string needed, int at, int value)
    {
        byte[] changed = [.. whole];
        for (int record = 0; (record = Next(changed, record)) >= 0; record += 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(changed.AsSpan(record + 28));
            string name = System.Text.Encoding.UTF8.GetString(changed, record + 46, length).Replace('\\', '/');
            if (!name.EndsWith("/encoder/" + needed, StringComparison.Ordinal)) continue;
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(record + at), value);
            return changed;
        }
        throw new InvalidOperationException($"The zip has no {needed}.");
    }

    private static int Next(byte[] zip, int from)
    {
        int at = zip.AsSpan(from).IndexOf("PK\u0001\u0002"u8);
        return at < 0 ? -1 : from + at;
    }
}
