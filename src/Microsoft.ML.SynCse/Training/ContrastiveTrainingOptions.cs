using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse;

/// <summary>The settings of <see cref="ContrastiveTrainer.Train"/>.</summary>
/// <remarks>
/// An immutable record: set properties in an object initialiser, or change a copy with <c>with</c>. The values are checked when a training
/// begins; an error names the option and its range. An instance may be used from several threads at once.
/// </remarks>
public sealed record ContrastiveTrainingOptions
{
    /// <summary>The number of passes over the training rows; at least 1. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>The number of rows in a step; at least 2, because the other rows are a row's negatives. Default: 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The peak learning rate of AdamW; over 0 and at most 1. Default: 5e-5.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>The number of steps in which the learning rate rises linearly from 0; after them it falls linearly to 0. At least 0.
    /// Default: 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>The decoupled weight decay of AdamW, which biases and layer norms do not have; at least 0 and under 1 /
    /// <see cref="LearningRate"/>. Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The global L2 norm to which larger gradients are scaled down; over 0, infinity for no clipping. Default: 1.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>The temperature tau of the contrastive loss; over 0. Default: 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>A number that is added to the logit of a row's own hard negatives, so that each counts e^weight times (SimCSE, section
    /// 6.3); from -100 to 100. Default: 0. Any other value needs hard negatives.</summary>
    public double HardNegativeWeight { get; init; }

    /// <summary>The weight of the auxiliary masked-language-model loss (SimCSE, section 6.3); at least 0. Default: 0, none.</summary>
    /// <remarks>
    /// It needs a second pass over the sentences of each step with 15 % of their tokens hidden, which takes about as long as the first. Its
    /// head begins with random weights and is not kept. The weights of examples do not count in it.
    /// </remarks>
    public double MlmWeight { get; init; }

    /// <summary>The dropout probability in hidden layers and attention; in [0, 1). Default: null, the model's own.</summary>
    public double? Dropout { get; init; }

    /// <summary>The number of tokens at which sentences are cut in training, special tokens included; at least 3. Default: 32.</summary>
    public int MaxSequenceLength { get; init; } = 32;

    /// <summary>The pooling to train with, and of the tuned encoder. Default: null, the start encoder's.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>A head on top of the pooled vector. Default: <see cref="SynCse.ProjectionHead.None"/>.</summary>
    public ProjectionHead ProjectionHead { get; init; } = ProjectionHead.None;

    /// <summary>Whether the rows are shuffled, by seed and epoch. Default: true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The seed of shuffling, dropout, new heads and the choice of the examples held out. Default: 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Whether the last batch of an epoch is left out if it is not full. Default: true.</summary>
    /// <remarks>Fewer rows than <see cref="BatchSize"/> make one batch of all of them, with a warning.</remarks>
    public bool DropLastBatch { get; init; } = true;

    /// <summary>
    /// Gradient caching: the number of rows whose activations a step holds at a time, and of at least 1,024 tokens. It saves memory for
    /// large values of <see cref="BatchSize"/> and costs one more forward pass. Loss and gradients are the same, up to rounding. At least
    /// 1. Default: null, the whole batch at once.
    /// </summary>
    /// <remarks>
    /// It does not change dropout, so a run that ended because memory was full can resume from its checkpoint with a smaller value, or with
    /// a value instead of null.
    /// </remarks>
    public int? GradientCacheChunk { get; init; }

    /// <summary>
    /// The number of steps after which the youngest .NET objects are collected and the C library returns free pages to the system; at least
    /// 0, 0 for never. Default: 10.
    /// </summary>
    /// <remarks>
    /// Tensors of changing sizes leave holes in the C library's heap: with 0, a long training keeps some hundred MB more in memory. Both
    /// actions concern the whole process: a collection of generation 0, and on Linux with the GNU C library <c>malloc_trim</c>, which holds
    /// the locks of the heap while it looks for free pages. If that disturbs other work of the process, set 0. It does not change any
    /// figure of the training.
    /// </remarks>
    public int ReleaseMemoryEvery { get; init; } = 10;

    /// <summary>The number format of the matrix products in training. Weights, optimizer, sums, layer norms, softmax and loss are in
    /// float32 in both formats. Default: <see cref="Precision.Float32"/>.</summary>
    /// <remarks><see cref="Precision.BFloat16"/> needs a GPU, or a CPU with AVX512-BF16 or AMX; elsewhere training throws. If it is slower
    /// than float32 on the CPU, a warning says so.</remarks>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The cosine with the anchor, by the start encoder's vectors, from which an in-batch negative is left out of the loss; -1 to
    /// 1. Default: null, none is left out.</summary>
    /// <remarks>A row's own positives and hard negatives stay. The start encoder's vectors of all texts are computed once and kept in
    /// memory.</remarks>
    public double? FalseNegativeThreshold { get; init; }

    /// <summary>Whether rows are kept in different batches if they share an anchor, or if the positive of one is a text of the other: they
    /// would be false negatives of each other. Default: true.</summary>
    /// <remarks>If an anchor has more rows than an epoch has steps, some of them share a batch, and a warning says how many.</remarks>
    public bool AvoidDuplicatesInBatch { get; init; } = true;

    /// <summary>
    /// The share of distinct anchors whose examples are held out for evaluation; in [0, 1). Default: 0.1. At most 2,000 examples are held
    /// out. None are if fewer than two would be held out or left; a warning then says which fraction would do.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Whether the start encoder is returned, with a warning, if every evaluated step has a lower score. Default: true.</summary>
    public bool KeepStartIfWorse { get; init; } = true;

    /// <summary>The number of steps between evaluations; 0 for one at the end of each epoch. Default: 0.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Scores the weights, in place of the examples held out. Default: null, the examples held out do.</summary>
    public IEncoderEvaluator? Evaluator { get; init; }

    /// <summary>The number of evaluations in a row without a better score after which training stops; 0 for never. Default: 0. Any other
    /// value needs examples held out or an <see cref="Evaluator"/>.</summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>The folder of the checkpoints: weights, optimizer, figures, never a sentence. Default: null, none.</summary>
    /// <remarks>
    /// Each run needs a folder of its own. A second run in the folder is refused while the first is running. A run with another start
    /// encoder, other data or other values of the options that change its weights is refused, and the error says in what it differs. A
    /// cancelled or killed run resumes to the same weights as an undisturbed one; with another <see cref="GradientCacheChunk"/>, to the
    /// same up to rounding.
    /// </remarks>
    public string? CheckpointFolder { get; init; }

    /// <summary>The number of steps between checkpoints; 0 for one at the end of each epoch, and one whenever the last is five minutes old.
    /// Default: 0. Any other value needs a <see cref="CheckpointFolder"/>.</summary>
    /// <remarks>One more is written if a run is cancelled, stops early, or its evaluator throws.</remarks>
    public int CheckpointEvery { get; init; }

    /// <summary>The number of checkpoints to keep; at least 1. If the newest is damaged, the one before is used, with a warning. Default:
    /// 2.</summary>
    public int CheckpointsToKeep { get; init; } = 2;

    /// <summary>Whether a run resumes from the newest checkpoint in <see cref="CheckpointFolder"/>. If false, it begins again, and its
    /// first checkpoint replaces the old ones. Default: true.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>The device: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>. Default: null, the start encoder's; in ML.NET that of
    /// <c>MLContext.GpuDeviceId</c> if it is set.</summary>
    public string? Device { get; init; }

    /// <summary>A file that gets a line of JSON for every step: loss, learning rate, tokens per second, score. Default: null, the file
    /// training-log.jsonl in <see cref="CheckpointFolder"/>, or none without such a folder.</summary>
    public string? LogFile { get; init; }

    /// <summary>Receives the mode, the warnings and the evaluations, never the text of a sentence. Default: null, none.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The settings of the paper (SynCSE, section 4.1): 3 epochs, batch size 512, learning rate 5e-5 (large: 1e-5), CLS pooling
    /// with an MLP head, MLM weight 0.1, an evaluation every 25 steps.</summary>
    /// <param name="large">Whether the encoder is a large one.</param>
    /// <returns>New options.</returns>
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

/// <summary>The head that training puts on top of the pooled vector.</summary>
public enum ProjectionHead
{
    /// <summary>No new head; a Dense head that the encoder already has is kept and trained.</summary>
    None,

    /// <summary>A new linear layer H to H with tanh, as the CLS head of SimCSE; it stays in the tuned encoder.</summary>
    Mlp,
}
