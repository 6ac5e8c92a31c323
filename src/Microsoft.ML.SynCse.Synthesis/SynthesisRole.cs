using Microsoft.ML.SynCse.Synthesis.Journal;

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
    /// <summary>The texts of a sentence, in the order in which they are written: positives first.</summary>
    public static IEnumerable<SynthesisSlot> All(int positives, int negatives)
    {
        for (int i = 0; i < positives; i++) yield return new(SynthesisRole.Positive, i);
        for (int i = 0; i < negatives; i++) yield return new(SynthesisRole.Negative, i);
    }

    /// <summary>What a request for one text of this role asks for.</summary>
    public RequestKind Kind => Role == SynthesisRole.Positive ? RequestKind.Positive : RequestKind.Negative;

    /// <summary>The role in lower case, as journal and outcomes name it.</summary>
    public string RoleName => Kind.JournalName();

    /// <summary>The slot in outcomes: <c>positive</c>, and from the second one on with its number.</summary>
    public override string ToString() => Index == 0 ? RoleName : FormattableString.Invariant($"{RoleName} {Index + 1}");
}
