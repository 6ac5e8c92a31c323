namespace Microsoft.ML.SynCse;

/// <summary>
/// A run of synthesis cannot go on. Everything read so far is in the journal; the same call with the same journal goes on from there.
/// </summary>
/// <remarks>
/// It carries no inner exception: a provider's error may repeat the key that was sent. What it said stands in the message, with what looks
/// like a key masked. Immutable, so safe from several threads.
/// </remarks>
public sealed class SynthesisStoppedException : InvalidOperationException
{
    /// <summary>Made by a synthesizer.</summary>
    /// <param name="reason">Why the run ended.</param>
    /// <param name="message">What happened and what to do.</param>
    public SynthesisStoppedException(SynthesisStopReason reason, string message) : base(message) => Reason = reason;

    /// <summary>Why the run ended.</summary>
    public SynthesisStopReason Reason { get; }
}

/// <summary>Why a run of synthesis ended before its sentences did.</summary>
public enum SynthesisStopReason
{
    /// <summary>A limit of <see cref="SynthesisLimits"/> would have been passed.</summary>
    LimitReached,

    /// <summary>
    /// The provider refuses every request, or the first ten of them: key, model, quota, address, or something that they have in common.
    /// </summary>
    ProviderRefuses,

    /// <summary>The provider fails every request, repeated ones too.</summary>
    ProviderDown,

    /// <summary>A long row of sentences was rejected without one accepted: the model or the prompts do not suit.</summary>
    EverythingRejected,
}
