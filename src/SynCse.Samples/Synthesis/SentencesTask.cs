using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>Triplets for given sentences: SynCSE-partial.</summary>
internal sealed class SentencesTask(SentenceSource source) : ISynthesisTask
{
    public SynthesisGoal Goal => new(source.Total, Accepted: false);

    public async Task<SynthesisEstimate> EstimateAsync(TripletSynthesizer synthesizer, CancellationToken cancellationToken)
        => await synthesizer.EstimateAsync(await source.ReadAsync(cancellationToken).ToListAsync(cancellationToken), cancellationToken);

    public IAsyncEnumerable<SynthesisOutcome> RunAsync(
        TripletSynthesizer synthesizer, IProgress<SynthesisProgress> progress, CancellationToken cancellationToken)
        => synthesizer.SynthesizeAsync(source.ReadAsync(cancellationToken), progress, cancellationToken);
}
