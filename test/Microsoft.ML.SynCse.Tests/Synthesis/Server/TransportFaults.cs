namespace Microsoft.ML.SynCse.Tests;

/// <summary>The behaviour of each <see cref="TransportFault"/>.</summary>
internal static class TransportFaults
{
    private const string NullContent =
        """{"id":"chatcmpl-0","choices":[{"index":0,"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}""";

    /// <summary>Every fault that asking again may get over, equally likely; those that end a run have no weight.</summary>
    public static readonly IReadOnlyDictionary<TransportFault, double> PassingWeights = Enum.GetValues<TransportFault>()
        .Where(f => f < TransportFault.InvalidKey).ToDictionary(f => f, _ => 1.0);

    /// <summary>Makes the behaviour.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="good">The answer that would have been.</param>
    /// <param name="wait">How long a rate limit says to wait.</param>
    /// <param name="drip">How long a slow answer takes.</param>
    public static ServerBehavior Make(TransportFault fault, ServerBehavior good, TimeSpan wait, TimeSpan drip) => fault switch
    {
        TransportFault.RateLimited => ServerBehavior.RateLimited(),
        TransportFault.RateLimitedForSeconds => ServerBehavior.RateLimited(("Retry-After", $"{Math.Ceiling(wait.TotalSeconds):0}")),
        TransportFault.RateLimitedUntilDate => ServerBehavior.RateLimited(("Retry-After", $"{DateTimeOffset.UtcNow + wait:R}")),
        TransportFault.RateLimitedForMilliseconds
            => ServerBehavior.RateLimited(("retry-after-ms", $"{Math.Ceiling(wait.TotalMilliseconds):0}")),
        TransportFault.RequestTimeout => ServerBehavior.Status(408, null, "timeout", "Request timed out."),
        TransportFault.ServerError
            => ServerBehavior.Status(500, null, "server_error", "The server had an error while processing your request."),
        TransportFault.BadGatewayPage => ServerBehavior.Html(502),
        TransportFault.Unavailable
            => ServerBehavior.Status(503, null, "server_error", "The engine is currently overloaded, please try again later."),
        TransportFault.Reset => ServerBehavior.Reset(),
        TransportFault.HalfBody => ServerBehavior.HalfBody(good.Text ?? "", good.Usage),
        TransportFault.HalfBodyReset => ServerBehavior.HalfBody(good.Text ?? "", good.Usage, endsWithReset: true),
        TransportFault.Page => ServerBehavior.Html(),
        TransportFault.InvalidJson => ServerBehavior.InvalidJson(),
        TransportFault.EmptyObject => ServerBehavior.WrongSchema(),
        TransportFault.NoChoices => ServerBehavior.WrongSchema("""{"choices":[]}"""),
        TransportFault.NullContent => ServerBehavior.WrongSchema(NullContent),
        TransportFault.SlowDrip => ServerBehavior.SlowDrip(good.Text ?? "", drip, good.Usage),
        TransportFault.Huge => ServerBehavior.Huge(),
        TransportFault.Hang => ServerBehavior.Hang(),
        TransportFault.InvalidKey => ServerBehavior.Status(401, "invalid_api_key", "invalid_request_error", "Incorrect API key provided."),
        TransportFault.InsufficientQuota => ServerBehavior.InsufficientQuota(),
        TransportFault.BadRequest
            => ServerBehavior.Status(400, "invalid_value", "invalid_request_error", "Invalid value for 'temperature'."),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };
}
