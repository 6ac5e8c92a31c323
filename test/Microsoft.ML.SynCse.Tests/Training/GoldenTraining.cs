using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Training;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A training run beside the one that PyTorch made of the same rows and start weights.</summary>
internal static class GoldenTraining
{
    /// <summary>The tolerances of the tiny models: relative for losses and gradient norms, absolute for the vectors afterwards.</summary>
    public static readonly (double Loss, double Norm, double Vectors) Tiny = (1e-4, 1e-3, 2e-3);

    /// <summary>The tolerances of a real model.</summary>
    public static readonly (double Loss, double Norm, double Vectors) Real = (1e-3, 5e-3, 1e-2);

    /// <summary>Runs one case of a folder's expected.json and fails at the first figure that is off.</summary>
    /// <param name="folder">The run's folder: expected.json, rows.jsonl, tensors.safetensors.</param>
    /// <param name="model">The start encoder's folder.</param>
    /// <param name="name">The case.</param>
    /// <param name="tolerance">What may differ.</param>
    /// <param name="context">Where the deviations are written.</param>
    public static void Check(
        string folder, string model, string name, (double Loss, double Norm, double Vectors) tolerance, TestContext context)
    {
        var expected = Golden.JsonFile(Path.Combine(folder, "expected.json"));
        var settings = expected["cases"]![name]!["settings"]!.AsObject();
        var steps = expected["cases"]![name]!["steps"]!.AsArray();
        var tensors = Golden.TensorFile(Path.Combine(folder, "tensors.safetensors"));
        var rows = Rows(folder);
        int batch = (int)expected["batch"]!;

        using var start = Start(model, (int)expected["max_length"]!, settings, tensors, name);
        TrainingExample[] examples = settings.ContainsKey("positives") ? [.. TwoByTwo(rows, batch)] : rows;
        using var training = new TrainingRun(
            start, TrainingSet.Create(examples), Options(expected, settings), MaskedLanguage(start, tensors, name));
        using var result = training.Execute(null, default);

        double loss = 0, contrastive = 0, norm = 0;
        Assert.HasCount(steps.Count, result.Steps);
        foreach (var (actual, wanted) in result.Steps.Zip(steps))
        {
            loss = Math.Max(loss, Relative(actual.Loss, (double)wanted!["loss"]!));
            contrastive = Math.Max(contrastive, Relative(actual.ContrastiveLoss, (double)wanted["contrastive"]!));
            norm = Math.Max(norm, Relative(actual.GradientNorm, (double)wanted["gradient_norm"]!));
            Assert.AreEqual((double)wanted["learning_rate"]!, actual.LearningRate, 1e-12, $"rate of step {actual.Step}");
        }
        string[] probe = rows.Take(8).Select(r => r.Anchor).ToArray();
        double vectors = Golden.WorstDifference(Golden.Rows(tensors[$"{name}/embeddings-after"]), result.Encoder.Encode(probe));
        context.WriteLine(
            $"{folder} {name}: worst relative deviation of losses {loss:e2}, of gradient norms {norm:e2}; vectors afterwards {vectors:e2}");
        Assert.IsLessThan(tolerance.Loss, loss);
        Assert.IsLessThan(tolerance.Loss, contrastive);
        Assert.IsLessThan(tolerance.Norm, norm);
        Assert.IsLessThan(tolerance.Vectors, vectors);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    private static ContrastiveTrainingOptions Options(JsonObject expected, JsonObject settings) => new()
    {
        BatchSize = (int)expected["batch"]!,
        LearningRate = (double)settings["lr"]!,
        WarmupSteps = (int)settings["warmup"]!,
        WeightDecay = (double)settings["weight_decay"]!,
        MaxGradientNorm = (double)settings["clip"]!,
        Temperature = (double)settings["temperature"]!,
        HardNegativeWeight = (double)settings["hard_negative_weight"]!,
        MlmWeight = (double)settings["mlm"]!,
        MaxSequenceLength = (int)expected["max_length"]!,
        Dropout = 0,
        Shuffle = false,
        AvoidDuplicatesInBatch = false,
        KeepStartIfWorse = false,
        ValidationFraction = 0,
    };

    private static SentenceEncoder Start(
        string folder, int maxTokens, JsonObject settings, Dictionary<string, torch.Tensor> tensors, string name)
    {
        var pooling = (string)settings["pooling"]! == "cls" ? Pooling.Cls : Pooling.Mean;
        using var plain = SentenceEncoder.Load(folder, new() { Pooling = pooling, Normalize = false, MaxSequenceLength = maxTokens });
        if (!(bool)settings["head"]!) return plain.Copy(plain.Card);
        var weights = EncoderWeights.Take(
            new() { ["linear.weight"] = tensors[$"{name}/head.weight"].clone(), ["linear.bias"] = tensors[$"{name}/head.bias"].clone() },
            torch.CPU);
        return plain.Use(model => new SentenceEncoder(model.Clone(torch.CPU, pooling, new DenseHead(weights, tanh: true)), plain.Options));
    }

    private static MaskedLanguageSetup? MaskedLanguage(SentenceEncoder start, Dictionary<string, torch.Tensor> tensors, string name)
        => tensors.TryGetValue($"{name}/mlm.transform.weight", out var transform)
            ? new(network => new(network, transform), new GoldenMasker(start.Use(model => model.Tokenizer.MaskId!.Value))) : null;

    // The second positive is the anchor in lower case, the second negative the next row's within the batch.
    private static IEnumerable<TrainingExample> TwoByTwo(TrainingExample[] rows, int batch)
        => rows.Chunk(batch).SelectMany(
            rows => rows.Select(
                (row, i) => new TrainingExample(
                    row.Anchor, [row.Positives[0], row.Anchor.ToLowerInvariant()],
            [row.Negatives[0], rows[(i + 1) % rows.Length].Negatives[0]])));

    private static TrainingExample[] Rows(string folder)
        => [.. File.ReadLines(Path.Combine(folder, "rows.jsonl")).Select(line => JsonNode.Parse(line)!)
            .Select(row => new TrainingExample((string)row["sent0"]!, (string)row["sent1"]!, (string)row["hard_neg"]!))];

    private static double Relative(double actual, double expected) => Math.Abs(actual - expected) / Math.Abs(expected);

    private sealed class GoldenMasker(int maskId) : ITokenMasker
    {
        public int? Mask(int sentence, int position, int step, int id) => (7 * sentence + 3 * position + step - 1) % 7 == 0 ? maskId : null;
    }
}
