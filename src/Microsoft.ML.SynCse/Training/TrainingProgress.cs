namespace Microsoft.ML.SynCse;

/// <summary>One optimizer step of a training run; reported after every step.</summary>
public sealed record TrainingProgress
{
    /// <summary>The step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Steps in the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The loss that was minimised in this step.</summary>
    public required double Loss { get; init; }

    /// <summary>The contrastive part of <see cref="Loss"/>.</summary>
    public required double ContrastiveLoss { get; init; }

    /// <summary>The masked-language-model part, before its weight; 0 where there is none.</summary>
    public double MlmLoss { get; init; }

    /// <summary>The contrastive loss of an encoder to which all of this step's sentences are alike: ln of the number of columns that a row chooses between.</summary>
    public double ChanceLoss { get; init; }

    /// <summary>The mean cosine between two of this step's sentences, dropout included; near 1 all are alike to the encoder (a collapse).</summary>
    public double MeanCosine { get; init; }

    /// <summary>The share of this step's in-batch negatives that <see cref="ContrastiveTrainingOptions.FalseNegativeThreshold"/> left out; 0 without it.</summary>
    public double MaskedShare { get; init; }

    /// <summary>The L2 norm of all gradients together, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The rate that this step used.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The tokens of the step's sentences, padding not counted, whatever the number of passes; not told.</summary>
    internal int Tokens { get; init; }

    /// <summary>Tokens of the step's sentences, padding not counted, in a second of this step; evaluations are not in it.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>About how long the rest of the run takes, at the pace of the steps so far.</summary>
    public TimeSpan TimeLeft { get; init; }

    /// <summary>The score of the evaluation after this step, where there was one.</summary>
    public double? Score { get; init; }
}
