namespace Microsoft.ML.SynCse;

/// <summary>What a language model's sentence is to its anchor.</summary>
public enum SynthesisRole
{
    /// <summary>A sentence with the anchor's meaning.</summary>
    Positive,

    /// <summary>A hard negative: alike in words, different in meaning.</summary>
    Negative,
}
