namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Passes everything on to another stream and remembers the first error of a write.</summary>
/// <remarks>ML.NET writes a model's table of contents while it disposes the archive, and there swallows every exception: a full disk would leave a file that is no zip, and no error.</remarks>
internal sealed class FaultKeepingStream(Stream inner) : Stream
{
    /// <summary>The first error; null where there was none.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => inner.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override long Position { get => inner.Position; set => inner.Position = value; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    /// <inheritdoc/>
    public override void SetLength(long value) => Keep(() => inner.SetLength(value));

    /// <inheritdoc/>
    public override void Flush() => Keep(inner.Flush);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Keep(() => inner.Write(buffer, offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception error)
        {
            Fault ??= error;
            throw;
        }
    }

    private void Keep(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error)
        {
            Fault ??= error;
            throw;
        }
    }
}
