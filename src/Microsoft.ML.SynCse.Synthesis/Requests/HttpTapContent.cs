using System.Net;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>A body that is read by its client as ever, and noted by a <see cref="HttpTap"/> on the way.</summary>
internal sealed class HttpTapContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly HttpTap _tap;
    private readonly HttpResponseMessage _response;

    /// <param name="inner">The body.</param>
    /// <param name="tap">Who notes it.</param>
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
