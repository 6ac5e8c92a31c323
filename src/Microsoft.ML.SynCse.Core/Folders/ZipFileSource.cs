using System.IO.Compression;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An encoder's files in a zip, below one of its folders; ML.NET writes its entries with either slash.</summary>
internal sealed class ZipFileSource : IModelFileSource
{
    private const string Marker = "encoder/modules.json";
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);

    private ZipFileSource(IEnumerable<(string Name, ZipArchiveEntry Entry)> entries, string location, string prefix)
    {
        Location = location;
        foreach (var (name, entry) in entries.Where(e => e.Name.StartsWith(prefix, StringComparison.Ordinal)))
            if (!_entries.TryAdd(name[prefix.Length..], entry)) throw new InvalidDataException($"'{location}' is damaged: it holds '{ModelFileName.Shown(name)}' twice.");
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Opens the only encoder in a saved ML.NET model.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged, or holds no encoder, or several.</exception>
    public static ZipFileSource Find(ZipArchive zip, string location)
    {
        var entries = Entries(zip, location);
        var prefixes = entries.Select(e => e.Name).Where(name => name == Marker || name.EndsWith("/" + Marker, StringComparison.Ordinal))
            .Select(name => name[..^"modules.json".Length]).Distinct().ToArray();
        return prefixes.Length switch
        {
            1 => new(entries, location, prefixes[0]),
            0 => throw new InvalidDataException($"'{location}' holds no sentence encoder: it is not a model saved by Microsoft.ML.SynCse."),
            _ => throw new InvalidDataException($"'{location}' holds {prefixes.Length} sentence encoders; load it with mlContext.Model.Load and take the transformer you want."),
        };
    }

    /// <summary>The whole of a zip that holds nothing else.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged.</exception>
    public static ZipFileSource Whole(ZipArchive zip, string location) => new(Entries(zip, location), location, "");

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        ModelFileName.Check(name, Location);
        if (!_entries.TryGetValue(name, out var entry)) return false;
        using var content = new ZipEntryStream(entry, this.Describe(name));
        read(content);
        content.ReadToEnd();
        return true;
    }

    // The table of contents is read at the first question for it.
    private static (string Name, ZipArchiveEntry Entry)[] Entries(ZipArchive zip, string location)
    {
        try
        {
            return [.. zip.Entries.Select(e => (e.FullName.Replace('\\', '/'), e))];
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{location}' is damaged: its table of contents cannot be read ({error.Message}).", error);
        }
    }
}
