using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>Triplets from nothing: SynCSE-scratch.</summary>
internal sealed class ScratchTask(int count, ScratchSynthesisOptions options) : ISynthesisTask
{
    public SynthesisGoal Goal => new(count, Accepted: true);

    public Task<SynthesisEstimate> EstimateAsync(TripletSynthesizer synthesizer, CancellationToken cancellationToken)
        => synthesizer.EstimateFromScratchAsync(count, options, cancellationToken);

    public IAsyncEnumerable<SynthesisOutcome> RunAsync(
        TripletSynthesizer synthesizer, IProgress<SynthesisProgress> progress, CancellationToken cancellationToken)
        => synthesizer.SynthesizeFromScratchAsync(count, options, progress, cancellationToken);
}
