using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>Neighbouring sentences that are asked for together.</summary>
internal sealed class SentenceGroup
{
    /// <summary>The sentences.</summary>
    public List<SentenceJob> Jobs { get; } = [];

    /// <summary>What becomes of them; null until the group is started.</summary>
    public Task<SynthesisOutcome[]>? Outcomes { get; set; }
}
