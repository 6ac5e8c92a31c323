namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// A stream over a file whose writes beyond the process's file size limit are an <see cref="IOException"/> (<see cref="FileSizeLimit"/>).
/// </summary>
/// <remarks>
/// Whatever may write what is buffered does so on the calling thread and under the guard, and nothing but that: it is no place for other
/// code. Asynchronous writes are written at once: FileStream has none of its own and would move them to a thread without the guard.
/// </remarks>
/// <param name="file">The file.</param>
/// <param name="leaveOpen">
/// Whether the stream stays open because its owner closes it. Then nothing is left in its buffer, where a write that failed would fail
/// again when its owner closes it, without the guard.
/// </param>
internal sealed class FileSizeLimitStream(Stream file, bool leaveOpen = false) : Stream
{
    private bool _failed;

    /// <inheritdoc/>
    public override bool CanRead => file.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => file.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => file.CanWrite;

    /// <inheritdoc/>
    public override long Length => file.Length;

    /// <inheritdoc/>
    public override long Position { get => file.Position; set => Seek(value, SeekOrigin.Begin); }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        using var limit = FileSizeLimit.Guard();
        try
        {
            if (leaveOpen && file is FileStream theirs) WriteThrough(theirs, buffer);
            else file.Write(buffer);
        }
        catch (Exception error) when (limit.IsReachedBy(error))
        {
            _failed = true;
            throw FileSizeLimit.Error(error);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void Flush() => Guarded(file => file.Flush());

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flush();
        return Task.CompletedTask;
    }

    /// <summary>Writes everything down to the disk.</summary>
    public void FlushToDisk() => Guarded(file => ((FileStream)file).Flush(flushToDisk: true));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        using var limit = FileSizeLimit.Guard();
        return file.Read(buffer);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        long place = 0;
        Guarded(file => place = file.Seek(offset, origin));
        return place;
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => Guarded(file => file.SetLength(value));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || leaveOpen) return;
        using var limit = FileSizeLimit.Guard();
        try
        {
            file.Dispose();
        }
        catch (Exception error) when (limit.IsReachedBy(error))
        {
            // A file that failed tries to write what it still has once more; that was said.
            if (!_failed) throw FileSizeLimit.Error(error);
        }
    }

    private static void WriteThrough(FileStream file, ReadOnlySpan<byte> bytes)
    {
        file.Flush();
        long place = file.Position;
        RandomAccess.Write(file.SafeFileHandle, bytes, place);
        file.Position = place + bytes.Length;
    }

    private void Guarded(Action<Stream> action)
    {
        using var limit = FileSizeLimit.Guard();
        try
        {
            action(file);
        }
        catch (Exception error) when (limit.IsReachedBy(error))
        {
            _failed = true;
            throw FileSizeLimit.Error(error);
        }
    }
}
