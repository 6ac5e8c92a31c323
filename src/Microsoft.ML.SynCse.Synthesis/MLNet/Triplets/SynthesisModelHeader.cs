namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>What a saved synthesis step keeps: never the client, a key, or a text that was written.</summary>
internal sealed record SynthesisModelHeader
{
    public required string InputColumn { get; init; }

    public required string PositiveColumn { get; init; }

    public required string NegativeColumn { get; init; }

    public required SynthesisModelOptions Options { get; init; }
}
