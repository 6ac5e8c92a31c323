using System.IO.Compression;
using System.IO.Hashing;

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
            if (!_entries.TryAdd(name[prefix.Length..], entry)) throw new InvalidDataException(
                $"'{location}' is damaged: it holds '{ModelFileName.Shown(name)}' twice.");
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>Opens the only encoder in a saved ML.NET model.</summary>
    /// <exception cref="InvalidDataException">The zip is damaged, or holds no encoder, or several.</exception>
    public static ZipFileSource Find(ZipArchive zip, string location)
    {
        var entries = Entries(zip, location);
        string[] prefixes = entries.Select(e => e.Name)
            .Where(name => name == Marker || name.EndsWith("/" + Marker, StringComparison.Ordinal))
            .Select(name => name[..^"modules.json".Length]).Distinct().ToArray();
        return prefixes.Length switch
        {
            1 => new(entries, location, prefixes[0]),
            0 => throw new InvalidDataException($"'{location}' holds no sentence encoder: it is not a model saved by Microsoft.ML.SynCse."),
            _ => throw new InvalidDataException(
                $"'{location}' holds {prefixes.Length} sentence encoders; load it with mlContext.Model.Load and take the transformer you "
                + $"want."),
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

/// <summary>The content of a zip's entry, read forward once, and proved to be what was saved: .NET's zip reader looks at no
/// checksum.</summary>
/// <param name="entry">The entry; its claims are checked as far as they can be before anything is unpacked.</param>
/// <param name="file">The file for messages.</param>
/// <exception cref="InvalidDataException">The entry cannot be unpacked, or claims a size that no file of a model has.</exception>
internal sealed class ZipEntryStream(ZipArchiveEntry entry, string file) : Stream
{
    private readonly Crc32 _sum = new();
    private readonly Stream _content = Open(entry, file);
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => entry.Length;

    /// <inheritdoc/>
    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The entry is damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _content.Read(buffer);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(file, error);
        }
        _sum.Append(buffer[..read]);
        _position += read;
        if (_position > Length) throw Damaged(file, null);
        return read;
    }

    /// <summary>Reads what is left and proves the whole.</summary>
    /// <exception cref="InvalidDataException">It is not what was saved.</exception>
    public void ReadToEnd()
    {
        Span<byte> buffer = stackalloc byte[1 << 13];
        while (Read(buffer) > 0)
        {
        }
        if (_position != Length || _sum.GetCurrentHashAsUInt32() != entry.Crc32) throw Damaged(file, null);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _content.Dispose();
        base.Dispose(disposing);
    }

    private static Stream Open(ZipArchiveEntry entry, string file)
    {
        ZipClaims.Check(entry, file);
        try
        {
            return entry.Open();
        }
        catch (InvalidDataException error)
        {
            throw Damaged(file, error);
        }
    }

    private static InvalidDataException Damaged(string file, Exception? inner)
        => new($"{file} is damaged: it is not the file that was saved. Copy or save the model again.", inner);
}

/// <summary>What a zip's table of contents claims, looked at before anything is unpacked.</summary>
internal static class ZipClaims
{
    // Weights hardly shrink, and text some ten times; a deflate stream of nothing but zeros shrinks a thousand times. What is small does no
    // harm.
    private const long Harmless = 16 << 20, MostTimes = 100;

    /// <summary>Throws where an entry would grow far beyond what it takes in the zip.</summary>
    /// <exception cref="InvalidDataException">It would; names it by <paramref name="file"/>.</exception>
    public static void Check(ZipArchiveEntry entry, string file)
    {
        if (entry.Length > Harmless && entry.Length / MostTimes > entry.CompressedLength)
            throw new InvalidDataException(
                $"{file} would unpack from {entry.CompressedLength} bytes to {entry.Length}: no file of a model packs so well, so it is "
                + $"not unpacked.");
    }
}
