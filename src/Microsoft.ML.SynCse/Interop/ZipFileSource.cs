using System.IO.Compression;
using System.IO.Hashing;

namespace Microsoft.ML.SynCse;

/// <summary>An encoder's files in a zip, below <paramref name="prefix"/>; ML.NET writes its entries with either slash.</summary>
internal sealed class ZipFileSource(ZipArchive zip, string location, string prefix) : IModelFileSource
{
    private const string Marker = "encoder/modules.json";

    /// <inheritdoc/>
    public string Location { get; } = location;

    /// <summary>Opens the only encoder in a saved ML.NET model.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged, or holds no encoder, or several.</exception>
    public static ZipFileSource Find(ZipArchive zip, string location)
    {
        var prefixes = zip.Entries.Select(e => e.FullName.Replace('\\', '/'))
            .Where(name => name == Marker || name.EndsWith("/" + Marker, StringComparison.Ordinal))
            .Select(name => name[..^"modules.json".Length]).ToArray();
        return prefixes.Length switch
        {
            1 => new(zip, location, prefixes[0]),
            0 => throw new InvalidDataException($"'{location}' holds no sentence encoder: it is not a model saved by Microsoft.ML.SynCse."),
            _ => throw new InvalidDataException($"'{location}' holds {prefixes.Length} sentence encoders; load it with mlContext.Model.Load and take the transformer you want."),
        };
    }

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        var entry = zip.Entries.FirstOrDefault(e => e.FullName.Replace('\\', '/') == prefix + name);
        if (entry is null) return false;
        if (!IsWhole(entry, out var error))
            throw new InvalidDataException($"{this.Describe(name)} is damaged: it is not the file that was saved. Copy or save the model again.", error);
        using var stream = entry.Open();
        read(stream);
        return true;
    }

    // Read once for this: .NET's zip reader looks at no checksum, and a flipped bit in a weight would else go unnoticed.
    private static bool IsWhole(ZipArchiveEntry entry, out InvalidDataException? error)
    {
        error = null;
        try
        {
            var sum = new Crc32();
            using var content = entry.Open();
            sum.Append(content);
            return sum.GetCurrentHashAsUInt32() == entry.Crc32;
        }
        catch (InvalidDataException unpacking)
        {
            error = unpacking;
            return false;
        }
    }
}
