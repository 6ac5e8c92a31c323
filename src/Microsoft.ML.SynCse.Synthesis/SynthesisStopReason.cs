namespace Microsoft.ML.SynCse;

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
