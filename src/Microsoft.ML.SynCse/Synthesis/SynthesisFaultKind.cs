namespace Microsoft.ML.SynCse;

/// <summary>What a failed request means for the run.</summary>
public enum SynthesisFaultKind
{
    /// <summary>May pass by itself: the request is repeated after a while.</summary>
    Transient,

    /// <summary>Too many requests: all requests wait, then this one is repeated.</summary>
    Throttled,

    /// <summary>The provider will not answer this one request (a content filter, a text too long): counted as a rejected reply, asked again with another draw.</summary>
    Refused,

    /// <summary>No request will succeed (key, model, quota, address): the run stops.</summary>
    Permanent,
}
