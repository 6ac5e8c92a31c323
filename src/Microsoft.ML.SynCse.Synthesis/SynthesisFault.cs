namespace Microsoft.ML.SynCse;

/// <summary>A failed request, as <see cref="TripletSynthesisOptions.ClassifyFault"/> reads it.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
/// <param name="Kind">What it means for the run.</param>
/// <param name="Name">A few lower-case words for journal and report, such as <c>http-503</c> or <c>timeout</c>.</param>
public sealed record SynthesisFault(SynthesisFaultKind Kind, string Name)
{
    /// <summary>How long the provider says to wait. Default: null, it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What to tell the user; what looks like a key is masked in it. Default: null, the exception's message.</summary>
    public string? Message { get; init; }

    /// <summary>
    /// Whether the provider may have counted tokens although no whole answer came; they are then counted as reserved. Default: yes.
    /// </summary>
    public bool MayBeBilled { get; init; } = true;
}

/// <summary>What a failed request means for the run.</summary>
public enum SynthesisFaultKind
{
    /// <summary>May pass by itself: the request is repeated after a while.</summary>
    Transient,

    /// <summary>Too many requests: all requests wait, then this one is repeated.</summary>
    Throttled,

    /// <summary>
    /// The provider will not answer this request (a content filter, a text too long, a form it does not take): counted as a rejected reply,
    /// asked again with another draw. The run goes on while others are answered; if the first ten requests are refused, or every one from
    /// some point on, it stops.
    /// </summary>
    Refused,

    /// <summary>No request will succeed (key, model, quota, address): the run stops.</summary>
    Permanent,
}
