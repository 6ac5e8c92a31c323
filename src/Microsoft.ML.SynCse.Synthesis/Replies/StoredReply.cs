using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>A reply that was read, in this run or an earlier one.</summary>
/// <param name="Row">Its request's row in the journal.</param>
/// <param name="Text">What the model wrote.</param>
/// <param name="Finish">The provider's finish reason; null if it gave none.</param>
/// <param name="InputTokens">Its input tokens.</param>
/// <param name="OutputTokens">Its output tokens.</param>
internal sealed record StoredReply(long Row, string Text, string? Finish, long InputTokens, long OutputTokens)
{
    /// <summary>The model was cut off.</summary>
    public const string FinishLength = "length";

    /// <summary>The provider withheld the answer.</summary>
    public const string FinishFiltered = "content_filter";

    /// <summary>The model refused, in the place that the provider has for it.</summary>
    public const string FinishRefused = "refusal";

    /// <summary>
    /// The model was cut off while it was still thinking, as the provider's usage or the reply's parts show; not a provider's own word.
    /// </summary>
    public const string FinishReasoning = "length_reasoning";

    /// <summary>Where the provider refused the request: its fault; null if it answered.</summary>
    public SynthesisFault? Refused { get; init; }

    /// <summary>The rules that rejected texts of it, as the journal has them; null if none did.</summary>
    public string? RejectedBy { get; init; }

    /// <summary>Whether it was read in an earlier run.</summary>
    public bool FromJournal { get; init; }

    /// <summary>Whether the model was cut off at its token limit.</summary>
    public bool Truncated => FinishWord.KindOf(Finish) == FinishKind.Cut;

    /// <summary>
    /// The finish reason where it says that the reply is not whole for another reason, or is not known; null if it does not.
    /// </summary>
    public string? FailedFinish => FinishWord.KindOf(Finish) is FinishKind.Failed or FinishKind.Interrupted ? Finish : null;

    /// <summary>Whether it was cut off before the answer began, because reasoning took all the tokens.</summary>
    public bool IsReasoningOnly => Finish == FinishReasoning || (Truncated && ReplyAnswer.IsReasoningOnly(Text));

    /// <summary>Whether the provider withheld the answer, or the model refused it.</summary>
    public bool Filtered => FinishWord.KindOf(Finish) is FinishKind.Filtered or FinishKind.Refused;
}
