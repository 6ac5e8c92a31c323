namespace Microsoft.ML.SynCse;

/// <summary>One optimizer step of a training run; reported after every step.</summary>
/// <remarks>Immutable; an instance may be used from several threads at once.</remarks>
public sealed record TrainingProgress
{
    /// <summary>The step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>The number of steps in the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The loss that was minimised in this step.</summary>
    public required double Loss { get; init; }

    /// <summary>The contrastive part of <see cref="Loss"/>.</summary>
    public required double ContrastiveLoss { get; init; }

    /// <summary>The masked-language-model part, before it is multiplied by its weight; 0 without that part.</summary>
    public double MlmLoss { get; init; }

    /// <summary>The contrastive loss of an encoder that gives all sentences of this step the same vector: the natural logarithm of the
    /// number of columns that a row chooses from.</summary>
    public double ChanceLoss { get; init; }

    /// <summary>The mean cosine of two sentences of this step, with dropout. Near 1 the encoder gives all of them the same vector (a
    /// collapse).</summary>
    public double MeanCosine { get; init; }

    /// <summary>The share of this step's in-batch negatives that <see cref="ContrastiveTrainingOptions.FalseNegativeThreshold"/> left out;
    /// 0 without it.</summary>
    public double MaskedShare { get; init; }

    /// <summary>The L2 norm of all gradients together, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The learning rate of this step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The number of tokens in the step's sentences, padding not counted, each sentence counted once; not part of the public
    /// report.</summary>
    internal int Tokens { get; init; }

    /// <summary>The tokens of the step's sentences, padding not counted, per second of this step; evaluations are not in it.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>The estimated time of the rest of the run, at the pace of the steps so far.</summary>
    public TimeSpan TimeLeft { get; init; }

    /// <summary>The score of the evaluation after this step; null if there was none.</summary>
    public double? Score { get; init; }
}
