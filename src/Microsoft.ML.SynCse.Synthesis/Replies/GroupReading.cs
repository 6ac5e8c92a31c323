using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>A reply to a request for texts of several sentences, or for several texts.</summary>
/// <param name="Raw">The texts as they were written, by sentence (from 0) and slot; what is missing is not there.</param>
/// <param name="Slots">What the rules say of every text that was asked for.</param>
internal sealed record GroupReading(IReadOnlyDictionary<(int Sentence, SynthesisSlot Slot), string> Raw, IReadOnlyList<SlotText> Slots) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Slots.Any(s => s.Text is not null);

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => [.. Slots.Select(s => s.Rule).OfType<string>()];

    /// <inheritdoc/>
    public string? Reason => Slots.FirstOrDefault(s => s.Reason is not null)?.Reason;
}
