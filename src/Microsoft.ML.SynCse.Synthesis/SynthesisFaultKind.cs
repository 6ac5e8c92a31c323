namespace Microsoft.ML.SynCse;

/// <summary>What a failed request means for the run.</summary>
public enum SynthesisFaultKind
{
    /// <summary>May pass by itself: the request is repeated after a while.</summary>
    Transient,

    /// <summary>Too many requests: all requests wait, then this one is repeated.</summary>
    Throttled,

    /// <summary>
    /// The provider will not answer this request (a content filter, a text too long, a form it does not take): counted as a rejected reply,
    /// asked again with another draw. The run goes on while
    /// others are answered; where the first ten requests are refused, or every one from some point on, it stops.
    /// </summary>
    Refused,

    /// <summary>No request will succeed (key, model, quota, address): the run stops.</summary>
    Permanent,
}
