using System.Text;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// The UTF-8 bytes of a text in any encoding, read once and in order; the first bytes that are none of the encoding's end the reading with
/// an error that names their line.
/// </summary>
/// <remarks>A byte order mark decides the encoding and is left out. Memory does not grow with the text. Not thread-safe.</remarks>
/// <param name="inner">The bytes; disposed with this.</param>
/// <param name="name">What they are called in an error.</param>
/// <param name="given">The encoding where there is no byte order mark; null: UTF-8.</param>
internal sealed class CheckedTextStream(Stream inner, string name, Encoding? given) : Stream
{
    private const int Chunk = 16 * 1024;
    private const int LongestMark = 4;

    private readonly byte[] _bytes = new byte[Chunk];
    private readonly UndecodableBytes _undecodable = new();
    private Encoding _encoding = Encoding.UTF8;
    private Decoder? _decoder;
    private char[] _chars = [];
    private byte[] _text = [];
    private int _from, _to;
    private long _line = 1;
    private bool _endsInReturn, _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_from == _to && !_ended)
            Take(_decoder is null ? inner.ReadAtLeast(_bytes, LongestMark, throwOnEndOfStream: false) : inner.Read(_bytes));
        return Give(buffer);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_from == _to && !_ended)
        {
            Take(_decoder is null
                ? await inner.ReadAtLeastAsync(_bytes, LongestMark, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)
                : await inner.ReadAsync(_bytes, cancellationToken).ConfigureAwait(false));
        }
        return Give(buffer.Span);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Give(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _to - _from);
        _text.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        return count;
    }

    /// <summary>Decodes the next bytes, and what was left of those before; none: the end.</summary>
    private void Take(int count)
    {
        var bytes = _bytes.AsSpan(0, count);
        if (_decoder is null) bytes = Begin(bytes);
        _ended = count == 0;
        int length = _decoder!.GetChars(bytes, _chars, flush: _ended);
        var chars = _chars.AsSpan(0, length);
        if (_undecodable.First is { } first)
        {
            Count(chars[..Math.Max(0, chars.IndexOf(UndecodableBytes.Mark))]);
            throw NotDecodable(first);
        }
        Count(chars);
        (_from, _to) = (0, Encoding.UTF8.GetBytes(chars, _text));
    }

    private Span<byte> Begin(Span<byte> bytes)
    {
        var (marked, mark) = ByteOrderMark.Of(bytes);
        if (marked is null && given is null && ByteOrderMark.LooksLikeUtf16(bytes))
            throw new InvalidDataException($"'{name}' looks like UTF-16 without a byte order mark. Convert it to UTF-8; "
                + "the command line also takes --encoding utf-16 or utf-16BE.");
        _encoding = marked ?? given ?? Encoding.UTF8;
        var checking = (Encoding)_encoding.Clone();
        checking.DecoderFallback = _undecodable;
        _decoder = checking.GetDecoder();
        _chars = new char[checking.GetMaxCharCount(Chunk)];
        _text = new byte[Encoding.UTF8.GetMaxByteCount(_chars.Length)];
        return bytes[mark..];
    }

    // CR LF, which two chunks may share, LF and CR each end one line.
    private void Count(ReadOnlySpan<char> chars)
    {
        if (chars.IsEmpty) return;
        _line += chars.Count('\n') + chars.Count('\r') - chars.Count("\r\n") - (_endsInReturn && chars[0] == '\n' ? 1 : 0);
        _endsInReturn = chars[^1] == '\r';
    }

    private InvalidDataException NotDecodable(byte first)
    {
        var encoding = _encoding.WebName.ToUpperInvariant();
        var start = FormattableString.Invariant($"Line {_line} of '{name}' is no {encoding} text (the byte 0x{first:X2}). ");
        return new(start + (_encoding is UTF8Encoding
            ? "Convert it to UTF-8: Excel saves it as 'CSV UTF-8', and iconv -f WINDOWS-1252 -t UTF-8 does it where it is Windows-1252"
                + (given is null ? "; the command line also takes --encoding windows-1252." : ".")
            : "Name the encoding that it has, or convert it to UTF-8."));
    }
}
