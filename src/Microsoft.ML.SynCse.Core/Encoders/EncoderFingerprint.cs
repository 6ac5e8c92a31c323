using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>Identifies an encoder: a hash of the files that would be saved of it. It reads all weights, so a loaded encoder computes it
/// in the background.</summary>
/// <remarks>
/// <see cref="Get"/> waits for a computation that runs, and computes it itself if none was begun. The computation reads the weights under
/// the encoder's lock. <see cref="End"/> is called before a disposal takes that lock: a caller that holds the lock and waits here must not
/// wait for a computation that can no longer get it.
/// </remarks>
/// <param name="write">Writes the files that identify the encoder into a sink; the encoder stays alive meanwhile.</param>
internal sealed class EncoderFingerprint(Action<IModelFileSink> write)
{
    private readonly ManualResetEventSlim _ended = new();
    private readonly CancellationTokenSource _end = new();
    private int _begun;
    private volatile string? _value;

    /// <summary>Whether it is made.</summary>
    public bool IsMade => _value is not null;

    /// <summary>Begins to make it on the thread pool. An error there is raised again by <see cref="Get"/>.</summary>
    public void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static self => self.MakeInBackground(), this, preferLocal: false);

    /// <summary>The fingerprint.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed before the fingerprint was made.</exception>
    public string Get(CancellationToken cancellationToken = default)
    {
        if (_value is { } known) return known;
        if (IsFirst())
        {
            try
            {
                return Make(cancellationToken);
            }
            finally
            {
                _ended.Set();
            }
        }
        _ended.Wait(cancellationToken);
        return _value ?? Make(cancellationToken);
    }

    /// <summary>Ends the computation in the background and all waiting. A later <see cref="Get"/> computes the fingerprint itself, if the
    /// encoder is still alive.</summary>
    public void End()
    {
        _end.Cancel();
        _ = IsFirst();
        _ended.Set();
    }

    private bool IsFirst() => Interlocked.Exchange(ref _begun, 1) == 0;

    private void MakeInBackground()
    {
        if (!IsFirst()) return;
        try
        {
            Make(_end.Token);
        }
#pragma warning disable CA1031 // an error on this thread would end the process; Get raises it again
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        _ended.Set();
    }

    // Two who ask at once may both make it: they get the same.
    private string Make(CancellationToken cancellationToken)
    {
        var sink = new FingerprintSink();
        write(new EndableSink(sink, cancellationToken));
        return _value = sink.Fingerprint;
    }
}

/// <summary>Hashes the names and contents of an encoder's files and keeps nothing else of them.</summary>
/// <remarks>The same on every system: git hands out a model's text files with CR LF on Windows, which changes nothing of the model, so
/// lines count as ended by LF.</remarks>
internal sealed class FingerprintSink : IModelFileSink
{
    private const int Digits = 16;
    private static readonly string[] _textFiles = [".json", ".txt"];

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>The hash, as hexadecimal digits.</summary>
    public string Fingerprint
        => Convert.ToHexString(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _files.Select(f => $"{f.Key} {f.Value}")))))[..Digits].ToLowerInvariant();

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        using var hash = SHA256.Create();
        using (var bytes = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            if (_textFiles.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)))
            {
                using var lines = new LineFeedStream(bytes);
                write(lines);
            }
            else
            {
                write(bytes);
            }
        }
        _files[name] = Convert.ToHexString(hash.Hash!);
    }
}

/// <summary>Passes an encoder's files on, and asks for the end in between: also within a file of gigabytes.</summary>
internal sealed class EndableSink(IModelFileSink sink, CancellationToken cancellationToken) : IModelFileSink
{
    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write) => sink.Write(name, stream => write(new EndableStream(stream, cancellationToken)));

    private sealed class EndableStream(Stream inner, CancellationToken cancellationToken) : Stream
    {
        private const int Piece = 1 << 20;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            for (int start = 0; start < buffer.Length; start += Piece)
            {
                cancellationToken.ThrowIfCancellationRequested();
                inner.Write(buffer.Slice(start, Math.Min(Piece, buffer.Length - start)));
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

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
