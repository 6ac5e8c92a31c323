namespace Microsoft.ML.SynCse;

/// <summary>What a language model's sentence is to its anchor.</summary>
public enum SynthesisRole
{
    /// <summary>A sentence with the anchor's meaning.</summary>
    Positive,

    /// <summary>A hard negative: alike in words, different in meaning.</summary>
    Negative,
}

/// <summary>One text to be written for a sentence.</summary>
/// <param name="Role">What it is to the sentence.</param>
/// <param name="Index">Which of several of its role, from 0.</param>
internal readonly record struct SynthesisSlot(SynthesisRole Role, int Index)
{
    /// <summary>The role in lower case, as journal and outcomes name it.</summary>
    public string RoleName => Role == SynthesisRole.Positive ? "positive" : "negative";

    /// <summary>The slot in outcomes: <c>positive</c>, and from the second one on with its number.</summary>
    public override string ToString() => Index == 0 ? RoleName : FormattableString.Invariant($"{RoleName} {Index + 1}");
}
