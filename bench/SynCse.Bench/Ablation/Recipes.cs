namespace Microsoft.ML.SynCse.Bench;

/// <summary>The recipes by name: the plain one, one factor at a time, then what was put together of those that won.</summary>
internal static class Recipes
{
    public static IReadOnlyDictionary<string, Recipe> All { get; } = new Recipe[]
    {
        new("plain"),
        new("no-duplicates") { AvoidDuplicates = true },
        new("rate-1e-4") { LearningRate = 1e-4 },
        new("rate-1.5e-4") { LearningRate = 1.5e-4 },
        new("rate-3e-4") { LearningRate = 3e-4 },
        new("rate-5e-4") { LearningRate = 5e-4 },
        new("epochs-3") { Epochs = 3 },
        new("batch-32") { BatchSize = 32 },
        new("batch-128") { BatchSize = 128 },
        new("batch-256") { BatchSize = 256 },
        new("batch-256-rate-1.5e-4") { BatchSize = 256, LearningRate = 1.5e-4 },
        new("batch-256-rate-3e-4") { BatchSize = 256, LearningRate = 3e-4 },
        new("temperature-0.02") { Temperature = 0.02 },
        new("temperature-0.03") { Temperature = 0.03 },
        new("temperature-0.1") { Temperature = 0.1 },
        new("mask-0.7") { FalseNegativeThreshold = 0.7 },
        new("mask-0.9") { FalseNegativeThreshold = 0.9 },
        new("mlm-0.1") { MlmWeight = 0.1 },
        new("cls") { Pooling = Pooling.Cls },
        new("first-last") { Pooling = Pooling.AverageFirstLast },
        new("mean-mlp") { ProjectionHead = ProjectionHead.Mlp },
        new("dropout-0") { Dropout = 0 },
        new("dropout-0.2") { Dropout = 0.2 },
        new("warmup-0.1") { Warmup = 0.1 },
        new("hard-negative-weight-1") { HardNegativeWeight = 1 },
        new("rate-3e-4-epochs-3") { LearningRate = 3e-4, Epochs = 3 },
        new("rate-1e-4-temperature-0.03") { LearningRate = 1e-4, Temperature = 0.03 },
        new("rate-3e-4-temperature-0.03") { LearningRate = 3e-4, Temperature = 0.03 },
        new("rate-5e-4-temperature-0.03") { LearningRate = 5e-4, Temperature = 0.03 },
        new("rate-5e-4-temperature-0.02") { LearningRate = 5e-4, Temperature = 0.02 },
        new("rate-5e-4-temperature-0.03-epochs-3") { LearningRate = 5e-4, Temperature = 0.03, Epochs = 3 },
        new("rate-5e-4-temperature-0.03-dropout-0") { LearningRate = 5e-4, Temperature = 0.03, Dropout = 0 },
        new("rate-3e-4-batch-32") { LearningRate = 3e-4, BatchSize = 32 },
        new("rate-3e-4-mlm-0.1") { LearningRate = 3e-4, MlmWeight = 0.1 },
        new("rate-3e-4-first-last") { LearningRate = 3e-4, Pooling = Pooling.AverageFirstLast },
        new("rate-3e-4-mask-0.7") { LearningRate = 3e-4, FalseNegativeThreshold = 0.7 },
        new("rate-3e-4-dropout-0") { LearningRate = 3e-4, Dropout = 0 },
    }.ToDictionary(r => r.Name);
}
