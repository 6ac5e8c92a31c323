using System.IO.Compression;
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

    private static readonly AsyncLocal<HttpTap?> OfFlow = new();

    private readonly object _gate = new();
    private readonly MemoryStream _body = new();
    private HttpResponseMessage? _response;
    private string _encoding = "";

    /// <summary>The tap of the call on whose behalf this code runs; null outside of one.</summary>
    public static HttpTap? Current => OfFlow.Value;

    /// <summary>The status; 0 where no answer came.</summary>
    public int Status { get; private set; }

    /// <summary>The body as text; null where none came, or it is too long or packed in a way that is not known.</summary>
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
    public static HttpTap Begin() => OfFlow.Value = new HttpTap();

    /// <summary>A header of the answer; null where it is not there.</summary>
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
            var text = new byte[LongestBody + 1];
            int length = plain.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > LongestBody ? null : Encoding.UTF8.GetString(text, 0, length);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return null;
        }
    }
}
