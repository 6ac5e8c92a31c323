using System.Text;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// Opens texts that users give: UTF-8, what a byte order mark says, or an encoding that is named. Other bytes are an
/// <see cref="InvalidDataException"/> with file and line.
/// </summary>
internal static class TextFile
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding where it has no byte order mark; null: UTF-8.</param>
    public static StreamReader Open(string path, Encoding? encoding = null)
        => Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path, encoding);

    /// <summary>Opens a stream, which is disposed with the reader.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="name">What they are called in an error.</param>
    /// <param name="encoding">Their encoding where they have no byte order mark; null: UTF-8.</param>
    public static StreamReader Open(Stream stream, string name, Encoding? encoding = null)
        => new(new CheckedTextStream(stream, name, encoding), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            detectEncodingFromByteOrderMarks: false);

    /// <summary>A file's lines with their numbers, counted from 1.</summary>
    public static IEnumerable<(long Number, string Line)> Lines(string path, Encoding? encoding = null)
    {
        using var reader = Open(path, encoding);
        for (long number = 1; reader.ReadLine() is { } line; number++) yield return (number, line);
    }
}

/// <summary>
/// The UTF-8 bytes of a text in any encoding, read once and in order; the first bytes that are none of the encoding's end the reading with
/// an error that names their line.
/// </summary>
/// <remarks>A byte order mark decides the encoding and is left out. Memory does not grow with the text. Not thread-safe.</remarks>
/// <param name="inner">The bytes; disposed with this.</param>
/// <param name="name">What they are called in an error.</param>
/// <param name="given">The encoding of a text without a byte order mark; null: UTF-8.</param>
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
        string encoding = _encoding.WebName.ToUpperInvariant();
        string start = FormattableString.Invariant($"Line {_line} of '{name}' is no {encoding} text (the byte 0x{first:X2}). ");
        return new(start + (_encoding is UTF8Encoding
            ? "Convert it to UTF-8: Excel saves it as 'CSV UTF-8', and iconv -f WINDOWS-1252 -t UTF-8 does it where it is Windows-1252"
                + (given is null ? "; the command line also takes --encoding windows-1252." : ".")
            : "Name the encoding that it has, or convert it to UTF-8."));
    }
}

/// <summary>What the first bytes of a text tell of its encoding.</summary>
internal static class ByteOrderMark
{
    /// <summary>The encoding that a byte order mark names and the mark's length; null and 0 if there is none.</summary>
    public static (Encoding? Encoding, int Length) Of(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),                  // before UTF-16, whose mark it begins with
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: true), 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        _ => (null, 0),
    };

    /// <summary>Whether every other one of the first bytes is zero, as in Latin text in UTF-16; no text in UTF-8 begins so.</summary>
    public static bool LooksLikeUtf16(ReadOnlySpan<byte> bytes) => bytes is [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..];
}

/// <summary>Lets a decoder go on over bytes that are none of its encoding, keeps the first, and marks the place in the text.</summary>
internal sealed class UndecodableBytes : DecoderFallback
{
    /// <summary>Stands in the text for bytes that have no meaning; a noncharacter, which texts do not hold.</summary>
    public const char Mark = '\uFFFF';

    /// <summary>The first such byte; null: there was none.</summary>
    public byte? First { get; private set; }

    /// <inheritdoc/>
    public override int MaxCharCount => 1;

    /// <inheritdoc/>
    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Marks(this);

    private sealed class Marks(UndecodableBytes owner) : DecoderFallbackBuffer
    {
        private bool _given = true;

        public override int Remaining => _given ? 0 : 1;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            owner.First ??= bytesUnknown.Length > 0 ? bytesUnknown[0] : (byte)0;
            _given = false;
            return true;
        }

        public override char GetNextChar()
        {
            if (_given) return '\0';
            _given = true;
            return Mark;
        }

        public override bool MovePrevious()
        {
            if (!_given) return false;
            _given = false;
            return true;
        }

        public override void Reset() => _given = true;
    }
}
