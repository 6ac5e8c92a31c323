using System.IO.Compression;
using System.IO.Hashing;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The content of a zip's entry, read forward once, and proved to be what was saved: .NET's zip reader looks at no checksum.</summary>
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

    private static InvalidDataException Damaged(string file, Exception? inner) => new($"{file} is damaged: it is not the file that was saved. Copy or save the model again.", inner);
}
