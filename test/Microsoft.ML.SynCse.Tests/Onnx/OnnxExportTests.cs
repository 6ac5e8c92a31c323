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
            foreach (bool normalize in pooling == Pooling.Mean ? new[] { false, true } : [false])
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

    [TestMethod]
    public void The_graph_has_standard_operators_of_opset_17_and_free_axes()
    {
        using var encoder = TinyEncoder.Load(normalize: true);
        foreach (var quantization in Enum.GetValues<OnnxQuantization>())
        {
            string file = _temporary.New("model") + ".onnx";
            encoder.ExportOnnx(file, new() { Quantization = quantization });
            var model = global::Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
            Assert.AreEqual((8L, "", 17L), (model.IrVersion, model.OpsetImport.Single().Domain, model.OpsetImport.Single().Version));
            Assert.IsTrue(model.Graph.Node.All(node => node.Domain.Length == 0));
            CollectionAssert.AreEqual(
                new[] { "input_ids", "attention_mask", "token_type_ids" }, model.Graph.Input.Select(input => input.Name).ToArray());
            Assert.IsTrue(model.Graph.Input.All(
                i => i.Type.TensorType.Shape.Dim.Count == 2 && i.Type.TensorType.Shape.Dim.All(d => d.HasDimParam)));
            CollectionAssert.AreEquivalent(
                new[] { "token_embeddings", "sentence_embedding" }, model.Graph.Output.Select(output => output.Name).ToArray());
        }
    }

    [TestMethod]
    public void A_row_of_padding_alone_has_finite_numbers()
    {
        using var encoder = TinyEncoder.Load(normalize: true);
        string file = _temporary.New("model") + ".onnx";
        encoder.ExportOnnx(file);
        using var session = new InferenceSession(file);
        int[] row = [.. encoder.Tokenize("my order was late")];
        int length = row.Length + 3;
        long[] ids = new long[3 * length], mask = new long[3 * length];
        for (int t = 0; t < row.Length; t++)
            (ids[t], mask[t], ids[length + 3 + t], mask[length + 3 + t]) = (row[t], 1, row[t], 1);
        float[][] vectors = OnnxRun.Vectors(session, ids, mask, 3);
        Assert.IsLessThanOrEqualTo(Tolerance, Golden.WorstDifference(encoder.Encode(["my order was late"]), [vectors[0]]));
        Assert.IsTrue(vectors.All(vector => vector.All(float.IsFinite)));
    }

    private static string[] Texts(string folder)
        => [.. GoldenTokens.ReadFile(Path.Combine(folder, "expected-tokens.jsonl")).Select(row => row.Text).Take(24), ""];

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
        return Vectors(session, ids, mask, rows.Length);
    }

    /// <summary>The sentence vectors of a block of token ids, row after row.</summary>
    public static float[][] Vectors(InferenceSession session, long[] ids, long[] mask, int rows)
    {
        long[] shape = [rows, ids.Length / rows];
        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using var typesValue = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = idsValue, ["attention_mask"] = maskValue };
        if (session.InputMetadata.ContainsKey("token_type_ids")) inputs["token_type_ids"] = typesValue;
        using var options = new RunOptions();
        using var results = session.Run(options, inputs, ["sentence_embedding"]);
        float[] values = results[0].GetTensorDataAsSpan<float>().ToArray();
        return [.. values.Chunk(values.Length / rows)];
    }
}
