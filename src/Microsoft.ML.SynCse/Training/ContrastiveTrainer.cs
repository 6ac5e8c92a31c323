using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Fine-tunes a sentence encoder with the contrastive loss of SynCSE and SimCSE.</summary>
public static class ContrastiveTrainer
{
    /// <summary>Trains a copy of an encoder.</summary>
    /// <param name="start">The encoder to start from; it is not changed, stays the caller's, and must live until this returns.</param>
    /// <param name="examples">
    /// The rows, all of one kind: anchors alone (unsupervised SimCSE), with one or more positives, or with one or more positives and hard negatives.
    /// Rows with an empty text are left out and counted, and so are rows whose hard negatives are all positives of theirs (of several,
    /// another takes the place of such a one). No prompt is put before a text, in training or in its evaluations, as in
    /// sentence-transformers' trainer: to train with one, write it there.
    /// </param>
    /// <param name="options">Default: a new <see cref="ContrastiveTrainingOptions"/>.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellationToken">Asked before every step and evaluation batch; a cancelled run leaves its checkpoints and its log behind, and goes on from there when it is run again.</param>
    /// <returns>The tuned encoder and the run in figures; the result owns the encoder.</returns>
    /// <exception cref="ArgumentException">The examples cannot be trained on, or an option is out of its range; names it.</exception>
    /// <exception cref="NotSupportedException">Precision is BFloat16 and the CPU is not made for it, or MlmWeight is over 0 and the tokenizer has no mask token.</exception>
    /// <exception cref="TrainingDivergedException">The loss or a gradient became NaN or infinite, or the loss exploded; names the step, its rate and its examples.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint folder holds another run; says in what it differs.</exception>
    /// <exception cref="IOException">A checkpoint could not be read or written, or another run is at work in the folder; names it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static TrainingResult Train(
        SentenceEncoder start, IReadOnlyList<TrainingExample> examples, ContrastiveTrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(examples);
        options ??= new();
        options.Validate();
        var set = TrainingSet.Create(examples);
        cancellationToken.ThrowIfCancellationRequested();
        using var gradients = torch.inference_mode(false);                                              // whatever mode the caller's thread is in
        using var run = new TrainingRun(start, set, options);
        return run.Execute(progress, cancellationToken);
    }
}
