using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.SynCse.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The ONNX graph of an encoder gives the encoder's own vectors: every architecture, pooling, head and prompt.</summary>
[TestClass]
[TestCategory(GoldenRoot.Category)]
public sealed class OnnxExportTests
{
    private const double Tolerance = 1e-5;
    private readonly TemporaryFolder _temporary = new();

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Architectures() => GoldenRoot.Rows("architectures");

    [TestCleanup]
    public void Clean() => _temporary.Dispose();

    [TestMethod]
    [DynamicData(nameof(Architectures))]
    public void Vectors_are_the_encoders_own_in_every_pooling(string architecture)
    {
        string folder = GoldenRoot.Find("architectures", architecture);
        foreach (var pooling in Enum.GetValues<Pooling>())
        {
            foreach (bool normalize in new[] { false, true })
            {
                using var encoder =
                    SentenceEncoder.Load(folder, new() { MaxSequenceLength = 64, Pooling = pooling, Normalize = normalize });
                Check(encoder, Texts(folder), $"{architecture}, {pooling}, {(normalize ? "normalised" : "as it is")}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Architectures))]
    public void Heads_are_part_of_the_graph(string architecture)
    {
        string folder = GoldenRoot.Find("architectures", architecture);
        using var plain = SentenceEncoder.Load(folder, new() { MaxSequenceLength = 64 });
        using var generator = new torch.Generator(5, torch.CPU);
        var model = plain.Use(own => own.Clone(
            torch.CPU, Pooling.Mean, DenseHead.Fresh(own.Network.HiddenSize, generator, torch.CPU)));
        model.Freeze();
        using var encoder = SentenceEncoder.Over(model, plain.Options, new());
        Check(encoder, Texts(folder), $"{architecture} with a head");
    }

    private static string[] Texts(string folder)
        => [.. GoldenTokens.ReadFile(Path.Combine(folder, "expected-tokens.jsonl")).Select(row => row.Text).Take(60), ""];

    // Batches of eight in the given order: rows of one batch differ in length.
    private void Check(SentenceEncoder encoder, string[] texts, string what)
    {
        string file = _temporary.New("model") + ".onnx";
        encoder.ExportOnnx(file);
        using var session = new InferenceSession(file);
        double worst = texts.Chunk(8)
            .Max(batch => Golden.WorstDifference(encoder.Encode(batch), OnnxRun.Sentences(session, encoder, batch)));
        TestContext.WriteLine(FormattableString.Invariant($"{what}: {worst:e1}"));
        Assert.IsLessThanOrEqualTo(Tolerance, worst, what);
    }
}

/// <summary>Runs an exported graph as any user of ONNX Runtime would.</summary>
internal static class OnnxRun
{
    /// <summary>The sentence vectors of a batch, padded to its longest row.</summary>
    public static float[][] Sentences(InferenceSession session, SentenceEncoder encoder, IReadOnlyList<string> texts)
    {
        int[][] rows = [.. texts.Select(text => encoder.Tokenize(text).ToArray())];
        int length = rows.Max(row => row.Length);
        var (ids, mask) = (new long[rows.Length * length], new long[rows.Length * length]);
        int pad = encoder.Use(model => model.Tokenizer.PadId);
        for (int r = 0; r < rows.Length; r++)
            for (int t = 0; t < length; t++)
                (ids[r * length + t], mask[r * length + t]) = t < rows[r].Length ? (rows[r][t], 1) : (pad, 0);
        long[] shape = [rows.Length, length];
        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typesValue = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = idsValue, ["attention_mask"] = maskValue };
        if (session.InputMetadata.ContainsKey("token_type_ids")) inputs["token_type_ids"] = typesValue;
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, ["sentence_embedding"]);
        float[] values = results[0].GetTensorDataAsSpan<float>().ToArray();
        return [.. values.Chunk(values.Length / rows.Length)];
    }
}
