using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Encoding with all-MiniLM-L6-v2 in torch and in ONNX Runtime, beside a plain loop over ONNX Runtime as users write it: medians
/// of
/// interleaved rounds, the same threads.</summary>
internal static class OnnxProgram
{
    private const int PlainBatch = 32;

    /// <summary>Runs all and prints the table.</summary>
    /// <param name="shared">The folder with models and data.</param>
    /// <param name="count">How many sentences, spread over all.</param>
    public static void Run(SharedData shared, int count)
    {
        string[] all = shared.DistinctSentences();
        int step = Math.Max(1, all.Length / count);
        string[] sentences = [.. all.Where((_, i) => i % step == 0)];
        string folder = shared.Model("all-MiniLM-L6-v2"), exported = Path.Combine(Path.GetTempPath(), $"syncse-bench-{Guid.NewGuid():N}");
        var quantization = Int8Support.IsExact ? OnnxQuantization.Int8 : OnnxQuantization.Int8ReducedRange;
        try
        {
            using var torchEncoder = SentenceEncoder.Load(folder);
            using var half = BFloat16Support.OfCpu ? SentenceEncoder.Load(folder, new() { Precision = Precision.BFloat16 }) : null;
            torchEncoder.Save(exported, new SaveOptions { Onnx = new() });
            torchEncoder.ExportOnnx(Path.Combine(exported, "onnx", "int8.onnx"), new() { Quantization = quantization });
            using var onnx = OnnxSentenceEncoder.Load(exported);
            using var int8 = OnnxSentenceEncoder.Load(exported, new() { File = "onnx/int8.onnx" });
            using var options = new SessionOptions { IntraOpNumThreads = CpuBudget.Cpus };
            using var session = new InferenceSession(Path.Combine(exported, "onnx", "model.onnx"), options);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{CpuBudget.Cpus} CPUs, torch threads {torch.get_num_threads()}, bfloat16 {BFloat16Support.OfCpu}, VNNI "
                    + $"{Int8Support.Name}; "
                + $"int8 is {quantization}, {new FileInfo(Path.Combine(exported, "onnx", "int8.onnx")).Length / 1e6:f1} MB of "
                + $"{new FileInfo(Path.Combine(exported, "onnx", "model.onnx")).Length / 1e6:f1} MB"));
            Speed(sentences, torchEncoder, half, onnx, int8, session);
            Quality(shared, sentences, torchEncoder, onnx, int8);
        }
        finally
        {
            if (Directory.Exists(exported)) Directory.Delete(exported, recursive: true);
        }
    }

    private static void Speed(
        string[] sentences, SentenceEncoder torchEncoder, SentenceEncoder? half, OnnxSentenceEncoder onnx, OnnxSentenceEncoder int8,
        InferenceSession session)
    {
        double work = torchEncoder.Use(model => EncoderWork.Forward(model, BenchData.Ids(model, sentences)));
        var units = ((double)sentences.Length, "sentences");
        List<Peer> peers =
        [
            new($"plain ONNX Runtime, batches of {PlainBatch}, given order", work, units, () => Plain(session, onnx, sentences)),
            new("Encode in torch, float32", work, units, () => torchEncoder.Encode(sentences)),
            new("Encode in ONNX Runtime, float32", work, units, () => onnx.Encode(sentences)),
            new("Encode in ONNX Runtime, int8", work, units, () => int8.Encode(sentences)),
        ];
        if (half is not null) peers.Add(new("Encode in torch, bfloat16", work, units, () => half.Encode(sentences)));
        PeerTable.Compare($"{sentences.Length} distinct sentences of STS-B test and SICK-R test", peers);
    }

    private static void Quality(
        SharedData shared, string[] sentences, SentenceEncoder torchEncoder, OnnxSentenceEncoder onnx, OnnxSentenceEncoder int8)
    {
        var pairs = new SentenceSimilarityEvaluator(shared.Pairs("stsb-en-test"));
        float[][] expected = torchEncoder.Encode(sentences);
        foreach (var (name, encoder) in new[] { ("float32", onnx), ("int8", int8) })
        {
            double[] cosines = [.. expected.Zip(encoder.Encode(sentences)).Select(pair => VectorMath.Cosine(pair.First, pair.Second))];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"ONNX {name}: cosine to torch {cosines.Average():f5} on average, {cosines.Min():f5} at least; STS-B test "
                + $"{100 * pairs.Measure(s => encoder.Encode(s)).Spearman:f3} (torch "
                    + $"{100 * pairs.Measure(s => torchEncoder.Encode(s)).Spearman:f3})"));
        }
    }

    // As in the examples of ONNX Runtime: each batch as it comes, padded to its longest row.
    private static void Plain(InferenceSession session, TextEncoder encoder, string[] sentences)
    {
        foreach (string[] batch in sentences.Chunk(PlainBatch))
        {
            int[][] rows = [.. batch.Select(text => encoder.Tokenize(text).ToArray())];
            int length = rows.Max(row => row.Length);
            var (ids, mask) = (new long[rows.Length * length], new long[rows.Length * length]);
            for (int r = 0; r < rows.Length; r++)
                for (int t = 0; t < rows[r].Length; t++) (ids[r * length + t], mask[r * length + t]) = (rows[r][t], 1);
            long[] shape = [rows.Length, length];
            using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
            using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
            using var typesValue = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape);
            using var run = new RunOptions();
            using var results = session.Run(
                run, ["input_ids", "attention_mask", "token_type_ids"], [idsValue, maskValue, typesValue], ["sentence_embedding"]);
            _ = results[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }
}
