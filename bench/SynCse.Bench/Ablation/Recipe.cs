namespace Microsoft.ML.SynCse.Bench;

/// <summary>The settings of a run that the ablation looks at. As they stand here they are the plain recipe: SimCSE's, of one pass at batch
/// 64.</summary>
/// <param name="Name">What the table calls it.</param>
internal sealed record Recipe(string Name)
{
    public int Epochs { get; init; } = 1;

    public int BatchSize { get; init; } = 64;

    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Warm-up as a share of the run's steps.</summary>
    public double Warmup { get; init; }

    public double Temperature { get; init; } = 0.05;

    public double HardNegativeWeight { get; init; }

    public double MlmWeight { get; init; }

    public double? Dropout { get; init; }

    public double? FalseNegativeThreshold { get; init; }

    public bool AvoidDuplicates { get; init; }

    public Pooling? Pooling { get; init; }

    public ProjectionHead ProjectionHead { get; init; } = ProjectionHead.None;

    /// <summary>The library's settings: all rows trained on, the last step's weights returned. Batches over 64 go through gradient
    /// caching.</summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="seed">The run's seed.</param>
    public ContrastiveTrainingOptions Options(int rows, int seed) => new()
    {
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        WarmupSteps = (int)(Warmup * Epochs * (rows / BatchSize)),
        Temperature = Temperature,
        HardNegativeWeight = HardNegativeWeight,
        MlmWeight = MlmWeight,
        Dropout = Dropout,
        FalseNegativeThreshold = FalseNegativeThreshold,
        AvoidDuplicatesInBatch = AvoidDuplicates,
        Pooling = Pooling,
        ProjectionHead = ProjectionHead,
        GradientCacheChunk = BatchSize > 64 ? 64 : null,
        ValidationFraction = 0,
        Seed = seed,
    };
}
