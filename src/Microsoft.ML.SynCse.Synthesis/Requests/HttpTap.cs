using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>
/// The last HTTP answer that a call to a client got, as it came: clients throw a body away that they cannot read, and with it the
/// provider's words.
/// </summary>
/// <remarks>
/// It is kept in memory until the call ends, and nothing of it is used unless the call failed. A client that does not send through
/// HttpClient leaves it empty.
/// </remarks>
internal sealed class HttpTap
{
    // Longer ones are no error and no sentence.
    private const int LongestBody = 1 << 20;

    private static readonly AsyncLocal<HttpTap?> _ofFlow = new();

    private readonly object _gate = new();
    private readonly MemoryStream _body = new();
    private HttpResponseMessage? _response;
    private string _encoding = "";

    /// <summary>The tap of the call that this code runs for; null outside of one.</summary>
    public static HttpTap? Current => _ofFlow.Value;

    /// <summary>The status; 0 if no answer came.</summary>
    public int Status { get; private set; }

    /// <summary>The body as text; null if none came, or it is too long or packed in a way that is not known.</summary>
    public string? Body
    {
        get
        {
            lock (_gate)
            {
                return _body.Length is 0 or > LongestBody ? null : Unpack(_body.ToArray(), _encoding);
            }
        }
    }

    /// <summary>Begins a call; it ends with the asynchronous method that calls this.</summary>
    public static HttpTap Begin() => _ofFlow.Value = new HttpTap();

    /// <summary>A header of the answer; null if it is not there.</summary>
    public string? Header(string name)
    {
        lock (_gate) return _response?.Headers.TryGetValues(name, out var values) == true ? values.FirstOrDefault() : null;
    }

    /// <summary>An answer came: from now on it is the last one.</summary>
    public void Open(HttpResponseMessage response)
    {
        lock (_gate)
        {
            (_response, Status, _encoding) = (response, (int)response.StatusCode,
                string.Join(',', response.Content.Headers.ContentEncoding));
            _body.SetLength(0);
        }
        response.Content = new HttpTapContent(response.Content, this, response);
    }

    /// <summary>A part of its body was read.</summary>
    public void Add(HttpResponseMessage response, ReadOnlySpan<byte> part)
    {
        lock (_gate)
        {
            if (response == _response && _body.Length <= LongestBody) _body.Write(part);
        }
    }

    private static string? Unpack(byte[] body, string encoding)
    {
        try
        {
            using var packed = new MemoryStream(body);
            using Stream? plain = encoding.ToLowerInvariant() switch
            {
                "" or "identity" => packed,
                "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
                "br" => new BrotliStream(packed, CompressionMode.Decompress),
                "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
                _ => null,
            };
            if (plain is null) return null;
            // No further than this: a small body may unpack to gigabytes.
            byte[] text = new byte[LongestBody + 1];
            int length = plain.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > LongestBody ? null : Encoding.UTF8.GetString(text, 0, length);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return null;
        }
    }
}

/// <summary>
/// Passes each answer that HttpClient gets for a call to the <see cref="HttpTap"/> of that call; what else the process sends is not
/// looked at.
/// </summary>
/// <remarks>
/// It hears .NET's own "System.Net.Http.Response", and is there only while a synthesizer is. It enables no activity, so requests go out as
/// they would without it. Nothing else gets at a body that a client fails to read: <c>{"error": ...}</c> under status 200, a finish_reason
/// that the client does not know.
/// </remarks>
internal sealed class HttpTapListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Listener = "HttpHandlerDiagnosticListener", Answer = "System.Net.Http.Response";

    private static readonly object _gate = new();
    private static HttpTapListener? _one;
    private static int _users;

    private readonly List<IDisposable> _subscriptions = [];

    /// <summary>One more user; the first one starts listening.</summary>
    public static void Join()
    {
        lock (_gate)
        {
            if (_users++ > 0) return;
            _one = new HttpTapListener();
            _one.Hear(DiagnosticListener.AllListeners.Subscribe(_one));
        }
    }

    /// <summary>One less; after the last one it stops listening.</summary>
    public static void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0) return;
            lock (_one!._subscriptions)
            {
                foreach (var subscription in _one._subscriptions) subscription.Dispose();
            }
            _one = null;
        }
    }

    /// <inheritdoc/>
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == Listener) Hear(value.Subscribe(this, static (name, _, _) => name == Answer && HttpTap.Current is not null));
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != Answer || HttpTap.Current is not { } tap) return;
        if (value.Value?.GetType()
            .GetProperty("Response")?.GetValue(value.Value) is HttpResponseMessage { Content: not null } response) tap.Open(response);
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    private void Hear(IDisposable subscription)
    {
        lock (_subscriptions) _subscriptions.Add(subscription);
    }
}

/// <summary>A body that is read by its client as ever, and noted by a <see cref="HttpTap"/> on the way.</summary>
internal sealed class HttpTapContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly HttpTap _tap;
    private readonly HttpResponseMessage _response;

    /// <param name="inner">The body.</param>
    /// <param name="tap">The tap that notes it.</param>
    /// <param name="response">The answer it belongs to.</param>
    public HttpTapContent(HttpContent inner, HttpTap tap, HttpResponseMessage response)
    {
        (_inner, _tap, _response) = (inner, tap, response);
        foreach (var header in inner.Headers.NonValidated) Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false)) await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var body = CreateContentReadStream(cancellationToken);
        body.CopyTo(stream);
    }

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        => new HttpTapStream(await _inner.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _tap, _response);

    /// <inheritdoc/>
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
        => new HttpTapStream(_inner.ReadAsStream(cancellationToken), _tap, _response);

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A body of which a <see cref="HttpTap"/> notes every part that is read.</summary>
internal sealed class HttpTapStream(Stream inner, HttpTap tap, HttpResponseMessage response) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override bool CanTimeout => inner.CanTimeout;

    /// <inheritdoc/>
    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int length = inner.Read(buffer);
        tap.Add(response, buffer[..length]);
        return length;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        tap.Add(response, buffer.Span[..length]);
        return length;
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
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
