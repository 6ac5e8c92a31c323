using Microsoft.ML.TorchSharp;
using Mono.Cecil;
using SynCse.Samples;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>This library and Microsoft.ML.TorchSharp in one process.</summary>
[TestClass]
public sealed class SideBySideTests
{
    private static readonly string[] _sentences =
        ["Where is my parcel?", "My order has not come.", "The invoice was charged twice.", "I want to send it back."];

    [TestMethod]
    public async Task Ours_tunes_and_encodes_to_the_same_bits_before_and_after_theirs_was_at_work()
    {
        var (before, tunedBefore) = (Encode(), TuneAndEncode());
        await FitTheirsAsync();
        AssertSame(before, Encode());
        AssertSame(tunedBefore, TuneAndEncode());
        Assert.AreNotEqual(before[0][0], tunedBefore[0][0], "the tuning changed nothing, so it shows nothing");
    }

    [TestMethod]
    public async Task Their_trainers_end_where_they_load_their_weights()
    {
        // The day this fails, they work on this TorchSharp: then build/MLTorchSharp.props, README and the sample's error are to be changed.
        foreach (var error in await FitTheirsAsync())
            StringAssert.Contains(error.Message, "Mismatched state_dict sizes: expected 60, but found 142 entries.");
        StringAssert.Contains(MLTorchSharpTrainers.WhyNot("pairs.csv"), "cannot run in this process");
    }

    [TestMethod]
    public void One_member_of_TorchSharp_that_they_call_is_gone()
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        string theirs = typeof(TorchSharpCatalog).Assembly.Location;
        using var module = ModuleDefinition.ReadModule(theirs, new ReaderParameters { AssemblyResolver = resolver });
        var gone = module.GetMemberReferences().Where(member => member.DeclaringType.GetElementType().Scope.Name == nameof(TorchSharp))
            .Where(member => member is MethodReference method ? method.Resolve() is null : ((FieldReference)member).Resolve() is null);
        StringAssert.Contains(gone.Single().FullName, "torch/nn/functional::interpolate(");
    }

    private static float[][] Encode()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        return encoder.Encode(_sentences);
    }

    private static float[][] TuneAndEncode()
    {
        TrainingExample[] examples =
            [.. _sentences.Select((sentence, i)
                => new TrainingExample(sentence, $"{sentence} Please.", _sentences[(i + 1) % _sentences.Length]))];
        using var start = SentenceEncoder.LoadDefault();
        var options = new ContrastiveTrainingOptions { Epochs = 2, BatchSize = 2, ValidationFraction = 0, LearningRate = 1e-4 };
        using var result = ContrastiveTrainer.Train(start, examples, options);
        return result.Encoder.Encode(_sentences);
    }

    // On the file that the sample writes. They fetch their weights from the net, but take a file of that name that lies there: this one
    // says that it has as many entries as theirs.
    private static async Task<Exception[]> FitTheirsAsync()
    {
        using var folder = new TemporaryFolder();
        string models = Path.Combine(folder.Root, "mlnet");
        Directory.CreateDirectory(models);
        File.WriteAllBytes(Path.Combine(models, "NasBert2000000.tsm"), [0x80 | (142 & 0x7F), 142 >> 7]);       // LEB128
        var mlContext = new MLContext(seed: 1) { TempFilePath = folder.Root };
        var rows = _sentences.Select((sentence, i) => new ScoredSentencePair { Label = i, Sentence1 = sentence, Sentence2 = sentence });
        string file = folder.New("pairs.csv");
        await ScoredSentencePairFile.WriteAsync(file, rows, CancellationToken.None);
        var pairs = ScoredSentencePairFile.Load(mlContext, file);
        var keyed = mlContext.Transforms.Conversion.MapValueToKey(nameof(ScoredSentencePair.Label)).Fit(pairs).Transform(pairs);
        var similarity = mlContext.Regression.Trainers.SentenceSimilarity(sentence2ColumnName: nameof(ScoredSentencePair.Sentence2));
        var classification = mlContext.MulticlassClassification.Trainers.TextClassification();
        Action[] fits = [() => similarity.Fit(pairs), () => classification.Fit(keyed)];
        return [.. fits.Select(fit => Assert.ThrowsExactly<ArgumentException>(fit))];
    }

    private static void AssertSame(float[][] expected, float[][] found)
    {
        for (int i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], found[i]);
    }
}
