using Microsoft.Extensions.AI;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>The first half of a one-step fit: a language model writes the training examples of the input column's sentences.</summary>
internal sealed class AnchorSynthesis(IChatClient client, TripletSynthesisOptions options)
{
    /// <summary>Whether the examples have hard negatives.</summary>
    public bool WritesNegatives => options.NegativesPerSentence > 0;

    /// <summary>Checks the options, before anything is paid for.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void Validate() => options.Validate();

    /// <summary>Writes the examples; rejected sentences are left out, and a warning counts them.</summary>
    /// <exception cref="SynthesisStoppedException">The run cannot go on.</exception>
    /// <exception cref="InvalidOperationException">Fewer than two sentences were accepted.</exception>
    public async Task<(IReadOnlyList<TrainingExample> Examples, SynthesisReport Report)> RunAsync(
        IReadOnlyList<string> sentences, IChannel channel, IProgress<SynthesisProgress>? progress, CancellationToken cancellationToken)
    {
        List<TrainingExample> examples = [];
        var rejected = new RejectionCounts();
        var synthesizer = new TripletSynthesizer(client, options);
        await using (synthesizer.ConfigureAwait(false))
        {
            await foreach (var outcome in synthesizer.SynthesizeAsync(sentences, progress, cancellationToken).ConfigureAwait(false))
            {
                if (outcome.Example is { } example) examples.Add(example);
                rejected.Add(outcome);
            }
            var report = await synthesizer.GetReportAsync(cancellationToken).ConfigureAwait(false);
            channel.Info("{0}", $"Synthesised texts for {examples.Count} of {sentences.Count} sentences with {report.Requests} requests, "
                + $"{report.InputTokens} input and {report.OutputTokens} output tokens (the journal's totals).");
            if (examples.Count < 2) throw TooFew(examples.Count, sentences.Count, rejected);
            if (rejected.Total > 0)
            {
                channel.Warning("{0}",
                    $"{rejected.Total} of {sentences.Count} sentences were rejected and are not trained on: {rejected}.");
            }
            return (examples, report);
        }
    }

    private static InvalidOperationException TooFew(int accepted, int sentences, RejectionCounts rejected) => new(
        $"{(accepted == 0 ? "None" : "Only one")} of {sentences} sentences got texts to train on; training needs at least 2. "
        + $"Rejected: {rejected}. "
        + "Try another model or prompts; with Synthesis.JournalPath the replies can be looked at.");
}
