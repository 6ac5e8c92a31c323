using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>What a synthesizer is to do.</summary>
internal interface ISynthesisTask
{
    /// <summary>What it ends with.</summary>
    SynthesisGoal Goal { get; }

    /// <summary>What it would ask for.</summary>
    Task<SynthesisEstimate> EstimateAsync(TripletSynthesizer synthesizer, CancellationToken cancellationToken);

    /// <summary>Does it.</summary>
    IAsyncEnumerable<SynthesisOutcome> RunAsync(
        TripletSynthesizer synthesizer, IProgress<SynthesisProgress> progress, CancellationToken cancellationToken);
}
