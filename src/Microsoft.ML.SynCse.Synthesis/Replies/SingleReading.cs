using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>A reply to a request for one text.</summary>
internal sealed record SingleReading(SlotText Slot) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Slot.Text is not null;

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => Slot.Rule is null ? [] : [Slot.Rule];

    /// <inheritdoc/>
    public string? Reason => Slot.Reason;
}
