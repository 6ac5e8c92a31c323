namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Passes text on with lines ended by LF where they were ended by CR LF; any other CR stays.</summary>
/// <param name="next">Receives the text; stays open.</param>
internal sealed class LineFeedStream(Stream next) : Stream
{
    private const byte Return = (byte)'\r', Feed = (byte)'\n';

    // The last CR may be half of a line's end.
    private bool _held;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty) return;
        if (_held && buffer[0] != Feed) next.WriteByte(Return);
        _held = false;
        while (buffer.IndexOf(Return) is >= 0 and var at)
        {
            next.Write(buffer[..at]);
            if (at + 1 == buffer.Length)
            {
                _held = true;
                return;
            }
            if (buffer[at + 1] != Feed) next.WriteByte(Return);
            buffer = buffer[(at + 1)..];
        }
        next.Write(buffer);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _held) next.WriteByte(Return);
        _held = false;
        base.Dispose(disposing);
    }
}
