using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Bench;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The main job on real weights and all 12,235 human-written triplets, through the ML.NET pipeline, beside PyTorch's figures
/// (golden/README).</summary>
[TestClass]
[TestCategory("Campaign")]
public sealed class PrunedEncoderCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(42, 65.38, 77.80, 72.95, 73.06)]
    [DataRow(43, 65.39, 77.88, 73.04, 72.78)]
    public async Task The_pruned_encoder_learns_as_in_PyTorch(int seed, double sts14, double sts15, double stsb, double sickr)
    {
        using var temporary = new TemporaryFolder();
        using var start = SentenceEncoder.Load(Pruned(temporary), new() { Normalize = false });
        var mlContext = new MLContext(seed: 1);
        var live = new Dictionary<int, long>();
        var clock = Stopwatch.StartNew();
        var estimator = mlContext.Transforms.SynCseEmbedding("Features", "sent0", "sent1", "hard_neg", new()
        {
            Encoder = start,
            Training = new() { Seed = seed, ValidationFraction = 0, AvoidDuplicatesInBatch = false },
        });
        using var model = await estimator.FitAsync(Triplets(mlContext), new Inline<SynCseProgress>(p =>
        {
            if (p.Training is not { } step) return;
            live[step.Step] = torch.Tensor.TotalCount;
            if (step.Step % 20 == 0) TestContext.WriteLine(
                $"step {step.Step}: loss {step.Loss:f4}, {step.TokensPerSecond:f0} tokens/s, {live[step.Step]} live tensors, resident "
                + $"{Environment.WorkingSet >> 20} MB");
        }));
        TestContext.WriteLine($"seed {seed}: {clock.Elapsed.TotalSeconds / live.Count:f3} s a step over {live.Count} steps");
        foreach (var (name, pytorch) in new[] { ("sts14", sts14), ("sts15", sts15), ("stsb-en-test", stsb), ("sickr-test", sickr) })
        {
            var pairs = new SentenceSimilarityEvaluator(Sts.Read(name));
            double before = 100 * pairs.Measure(s => start.Encode(s)).Spearman,
                after = 100 * pairs.Measure(s => model.Encoder.Encode(s)).Spearman;
            TestContext.WriteLine($"{name}: before {before:f2}, after {after:f2}, PyTorch {pytorch:f2}");
            if (name != "stsb-en-test") continue;
            Assert.AreEqual(55.86, before, 0.01);
            Assert.IsGreaterThanOrEqualTo(72.3, after);
        }
        Assert.HasCount(191, live);
        Assert.AreEqual(live[20], live[191]);
        await AnotherProcessGivesTheSameBytes(mlContext, model, temporary);
        AClassifierOnItsVectorsWorks(mlContext, model.Encoder, temporary);
    }

    private async Task AnotherProcessGivesTheSameBytes(MLContext mlContext, SynCseEmbeddingTransformer model, TemporaryFolder temporary)
    {
        var (zip, lines, vectors) = (temporary.New("model.zip"), temporary.New("lines.txt"), temporary.New("vectors.npy"));
        mlContext.Model.SaveAtomically(model, Triplets(mlContext).Schema, zip);
        string[] sentences = [.. Sts.Read("stsb-en-test").Select(p => p.Left)];
        File.WriteAllLines(lines, sentences);
        await SampleProcess.SucceedAsync(temporary, "encode", "--model", zip, "--input", lines, "--output", vectors);
        byte[] expected = MemoryMarshal.AsBytes(model.Encoder.Encode(sentences).SelectMany(v => v).ToArray().AsSpan()).ToArray();
        byte[] bytes = File.ReadAllBytes(vectors);
        Assert.IsTrue(bytes.AsSpan(bytes.Length - expected.Length).SequenceEqual(expected));
        TestContext.WriteLine(
            $"zip of {new FileInfo(zip).Length >> 20} MB in another process: {expected.Length} bytes of vectors, all equal");
    }

    private void AClassifierOnItsVectorsWorks(MLContext mlContext, SentenceEncoder encoder, TemporaryFolder temporary)
    {
        var captions = File.ReadLines(SharedFolder.Path("data/unlabeled/captions-58k.tsv")).Take(300)
            .Select(line => new Text { Sentence = line.Split('\t')[1], Label = true });
        var articles = File.ReadLines(SharedFolder.Path("data/unlabeled/wiki-12k.txt")).Take(300)
            .Select(line => new Text { Sentence = line, Label = false });
        Text[] rows = [.. captions.Concat(articles)];
        var data = mlContext.Data.LoadFromEnumerable(rows);
        var pipeline = mlContext.Transforms.ApplySentenceEncoder("Features", "Sentence", encoder)
            .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
        double accuracy = mlContext.BinaryClassification.CrossValidate(data, pipeline, numberOfFolds: 3)
            .Average(fold => fold.Metrics.Accuracy);
        Assert.IsGreaterThan(0.9, accuracy);

        string path = temporary.New("classifier.zip");
        using var model = pipeline.Fit(data);
        mlContext.Model.Save(model, data.Schema, path);
        var loaded = mlContext.Model.Load(path, out _);
        float[][] expected = model.Transform(data).GetColumn<float[]>("Features").ToArray();
        float[][] actual = loaded.Transform(data).GetColumn<float[]>("Features").ToArray();
        for (int i = 0; i < rows.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
        using var engine = mlContext.Model.CreatePredictionEngine<Text, VectorRow>(loaded);
        double worst = Golden.WorstDifference(expected, [.. rows.Select(row => engine.Predict(row).Features)]);
        Assert.IsLessThan(1e-5, worst);
        TestContext.WriteLine(
            $"embedding -> SDCA: cross-validated accuracy {accuracy:f3}; PredictionEngine differs from Transform by {worst:e1} at most");
    }

    private static IDataView Triplets(MLContext mlContext)
        => mlContext.Data.LoadFromTextFile(SharedFolder.Path("data/triplets/nli-triplets.csv"), new TextLoader.Options
        {
            Separators = [','],
            HasHeader = true,
            AllowQuoting = true,
            ReadMultilines = true,
            Columns = [new("sent0", DataKind.String, 0), new("sent1", DataKind.String, 1), new("hard_neg", DataKind.String, 2)],
        });

    private static string Pruned(TemporaryFolder temporary)
    {
        string folder = temporary.New("pruned");
        PrunedFolder.Write(SharedFolder.Path("models/all-MiniLM-L6-v2"), folder);
        return folder;
    }

    private sealed class Text
    {
        public string Sentence { get; set; } = "";

        public bool Label { get; set; }
    }
}
