using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Encoders;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of <see cref="ContrastiveTrainer.Train"/>. Checked when used; an error names the option and its range.</summary>
public sealed record ContrastiveTrainingOptions
{
    /// <summary>Passes over the training rows; at least 1. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Rows in a step; at least 2, since a row's negatives are the others. Default: 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate of AdamW; over 0 and at most 1. Default: 5e-5.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Steps over which the rate rises linearly from 0; then it falls linearly to 0. At least 0. Default: 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Decoupled weight decay (AdamW), none on biases and layer norms; at least 0 and under 1 / <see cref="LearningRate"/>. Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Gradients are scaled down to this global L2 norm; over 0, infinity for none. Default: 1.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>The temperature tau of the contrastive loss; over 0. Default: 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Added to the logit of a row's own hard negative, so that it counts e^weight times (SimCSE, section 6.3); from -100 to 100. Default: 0. Another needs hard negatives.</summary>
    public double HardNegativeWeight { get; init; }

    /// <summary>The weight of the masked-language-model auxiliary loss (SimCSE, section 6.3); at least 0. Default: 0, none.</summary>
    /// <remarks>A second pass over each step's sentences with 15 % of their words hidden, about as long as the first. Its head begins fresh and is not kept. The weights of examples do not count in it.</remarks>
    public double MlmWeight { get; init; }

    /// <summary>The dropout probability in hidden layers and attention; in [0, 1). Default: the model's own.</summary>
    public double? Dropout { get; init; }

    /// <summary>Sentences are cut at this many tokens in training, special tokens included; at least 3. Default: 32.</summary>
    public int MaxSequenceLength { get; init; } = 32;

    /// <summary>The pooling to train and return. Default: the encoder's.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>A head to put on the pooled vector. Default: <see cref="SynCse.ProjectionHead.None"/>.</summary>
    public ProjectionHead ProjectionHead { get; init; } = ProjectionHead.None;

    /// <summary>Whether rows are shuffled, by (seed, epoch). Default: yes.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The seed of shuffling, dropout, fresh heads and the held-out choice. Default: 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Whether the last batch of an epoch is left out where it is not full. Default: yes.</summary>
    /// <remarks>Fewer rows than <see cref="BatchSize"/> make one batch of all of them, with a warning.</remarks>
    public bool DropLastBatch { get; init; } = true;

    /// <summary>
    /// Gradient caching: a step holds the activations of about so many rows at a time, whatever <see cref="BatchSize"/>, for one more forward pass;
    /// and of 1,024 tokens at least; the same loss, and the same gradients to within rounding. At least 1. Default: null, the whole batch
    /// at once.
    /// </summary>
    /// <remarks>
    /// Dropout is the same whatever it is. So a run that ended for want of memory goes on from its checkpoint with a smaller one, or with
    /// one where it had none.
    /// </remarks>
    public int? GradientCacheChunk { get; init; }

    /// <summary>
    /// Steps after which .NET's youngest objects are collected and the C library gives free pages back to the system; at least 0, and 0:
    /// never. Default: 10.
    /// </summary>
    /// <remarks>
    /// Tensors of changing sizes leave holes in the C library's heap: without it, a long training keeps some hundred MB more resident. Both
    /// act on the whole process: a collection of
    /// generation 0, and on Linux with the GNU C library <c>malloc_trim</c>, which holds the heap's locks while it looks for free pages. A
    /// host that minds sets 0. It changes no figure.
    /// </remarks>
    public int ReleaseMemoryEvery { get; init; } = 10;

    /// <summary>The number format of the matrix products in training; weights, optimizer, sums, layer norms, softmax and loss are in float32. Default: <see cref="Precision.Float32"/>.</summary>
    /// <remarks><see cref="Precision.BFloat16"/> needs a CPU with AVX512-BF16 or AMX, or a GPU, and is refused elsewhere. Where the CPU has it but is slower in it (Intel without AMX), a warning says so.</remarks>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>In-batch negatives that the start encoder finds at least this similar to the anchor (cosine, -1 to 1) are left out of the loss. Default: null, none.</summary>
    /// <remarks>A row's own positives and hard negatives stay. The start encoder's vectors of all texts are made once and held.</remarks>
    public double? FalseNegativeThreshold { get; init; }

    /// <summary>Keep rows apart that share an anchor, or whose positive is another row's text: they would be false negatives. Default: yes.</summary>
    /// <remarks>As far as the rows allow: an anchor with more rows than an epoch has steps meets itself, and a warning says how many rows did.</remarks>
    public bool AvoidDuplicatesInBatch { get; init; } = true;

    /// <summary>
    /// The share of distinct anchors held out as evidence; in [0, 1). Default: 0.1. At most 2,000 rows are held out; none where fewer than
    /// two would be, or be left, and a warning says which fraction would.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Whether the start encoder is returned, with a warning, where every evaluated step scores worse. Default: yes.</summary>
    public bool KeepStartIfWorse { get; init; } = true;

    /// <summary>Steps between evaluations; 0: at the end of each epoch. Default: 0.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Scores the weights in place of the held-out triplets. Default: null, the held-out triplets do.</summary>
    public IEncoderEvaluator? Evaluator { get; init; }

    /// <summary>Stops where so many evaluations in a row bring no better score; 0: never. Default: 0. Over 0 needs held-out examples or an <see cref="Evaluator"/>.</summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>Where checkpoints are written: weights, optimizer, figures, never a sentence. Default: null, none.</summary>
    /// <remarks>
    /// A run of its own each, and one at a time: a second is refused while the first is at work. A run that was begun from another encoder,
    /// on other data or with other options that change its weights is refused by name. A cancelled or killed run goes on to the same
    /// weights as an undisturbed one; with another <see cref="GradientCacheChunk"/> than before, to the same within rounding.
    /// </remarks>
    public string? CheckpointFolder { get; init; }

    /// <summary>Steps between checkpoints; 0: at the end of each epoch, and five minutes after the last. Default: 0. Over 0 needs a <see cref="CheckpointFolder"/>.</summary>
    /// <remarks>Besides, one is written where a run is cancelled, stops early, or its evaluator throws.</remarks>
    public int CheckpointEvery { get; init; }

    /// <summary>How many checkpoints stay; at least 1. A newest one that is damaged is left out with a warning. Default: 2.</summary>
    public int CheckpointsToKeep { get; init; } = 2;

    /// <summary>Whether a run goes on from the newest checkpoint in <see cref="CheckpointFolder"/>; false begins anew, and its first checkpoint replaces those there. Default: yes.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default: null, the start encoder's; in ML.NET <c>MLContext.GpuDeviceId</c> where it is set.</summary>
    public string? Device { get; init; }

    /// <summary>A file that gets a line of JSON for every step as it is taken: loss, rate, tokens a second, score. Default: null; with a <see cref="CheckpointFolder"/> its training-log.jsonl. <see cref="TrainingStepLog"/> reads it.</summary>
    public string? LogFile { get; init; }

    /// <summary>Receives the mode, warnings and evaluations; never sentence text. Default: null, none.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The paper's settings (SynCSE, section 4.1): 3 epochs, batch 512, rate 5e-5 (large: 1e-5), CLS with an MLP head, MLM weight 0.1, evaluation every 25 steps.</summary>
    /// <param name="large">Whether the encoder is of the large kind.</param>
    public static ContrastiveTrainingOptions SynCse(bool large = false) => new()
    {
        Epochs = 3,
        BatchSize = 512,
        LearningRate = large ? 1e-5 : 5e-5,
        Pooling = Microsoft.ML.SynCse.Pooling.Cls,
        ProjectionHead = ProjectionHead.Mlp,
        MlmWeight = 0.1,
        EvaluateEvery = 25,
    };
}
