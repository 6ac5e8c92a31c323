using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>A text that a group's reply holds.</summary>
/// <param name="State">The sentence it is for.</param>
/// <param name="Slot">Which text of it.</param>
/// <param name="Text">The text, as it was written.</param>
/// <param name="Reply">The reply.</param>
/// <param name="Request">The request.</param>
internal sealed record GroupText(SentenceState State, SynthesisSlot Slot, string Text, StoredReply Reply, SynthesisRequest Request);
