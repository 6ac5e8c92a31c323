using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Training and encoding with all-MiniLM-L6-v2 beside plain TorchSharp loops: medians of interleaved rounds, with the machine's
/// own matrix product between them.</summary>
internal static class PeerProgram
{
    private const int StepRows = 64, PlainBatch = 32;

    /// <summary>Runs all and prints the table.</summary>
    /// <param name="shared">The folder with models and data.</param>
    public static void Run(SharedData shared)
    {
        string folder = shared.Model("all-MiniLM-L6-v2");
        using var whole = SentenceEncoder.Load(folder);
        using var half = BFloat16Support.OfCpu ? SentenceEncoder.Load(folder, new() { Precision = Precision.BFloat16 }) : null;
        Console.WriteLine(
            FormattableString.Invariant(
            $"{Environment.ProcessorCount} cores, {torch.get_num_threads()} threads, AVX512-BF16 or AMX: {BFloat16Support.OfCpu}"));
        Training(shared, whole);
        Encoding(shared, whole, half);
    }

    private static void Training(SharedData shared, SentenceEncoder encoder) => encoder.Use(model =>
    {
        var rows = shared.Triplets()[..StepRows];
        Func<TrainingExample, string>[] columns = [t => t.Anchor, t => t.Positives[0], t => t.Negatives[0]];
        int[][] ids = [.. columns.SelectMany(column => rows.Select(row => model.Tokenizer.Encode(column(row), 32, out _)))];
        double work = 3 * EncoderWork.Forward(model, ids);
        using var plain = new PlainTraining(model);
        using var ours = new OurTraining(model, Precision.Float32);
        using var ourHalf = BFloat16Support.OfCpu ? new OurTraining(model, Precision.BFloat16) : null;
        List<Peer> peers =
            [new("plain step, float32", work, (1, "steps"), () => plain.Step(ids, StepRows)),
            new("our step, float32", work, (1, "steps"), () => ours.Step(ids, StepRows))];
        if (ourHalf is not null) peers.Add(new("our step, bfloat16", work, (1, "steps"), () => ourHalf.Step(ids, StepRows)));
        PeerTable.Compare(
            $"A training step of {StepRows} triplets ({ids.Sum(s => s.Length)} tokens, longest {ids.Max(s => s.Length)})", peers);
        return true;
    });

    private static void Encoding(SharedData shared, SentenceEncoder whole, SentenceEncoder? half)
    {
        string[] sentences = shared.DistinctSentences();
        string[] sorted = [.. sentences.OrderBy(s => s.Length)];
        double work = whole.Use(model => EncoderWork.Forward(model, BenchData.Ids(model, sentences)));
        var units = ((double)sentences.Length, "sentences");
        using var bert = whole.Use(model => new PlainBert(model));
        bert.eval();
        // The same answers, or there is nothing to compare.
        double apart = Plain(whole, bert, sentences[..64]).Zip(whole.Encode(sentences[..64]))
            .Max(p => p.First.Zip(p.Second).Max(x => Math.Abs(x.First - x.Second)));
        Console.WriteLine(FormattableString.Invariant($"\nvectors of the plain loop and of Encode differ by {apart:e1} at most"));
        List<Peer> peers =
        [
            new($"plain batches of {PlainBatch}, given order, float32", work, units, () => Plain(whole, bert, sentences)),
            new($"plain batches of {PlainBatch}, sorted by characters, float32", work, units, () => Plain(whole, bert, sorted)),
            new("Encode, float32", work, units, () => whole.Encode(sentences)),
        ];
        if (half is not null) peers.Add(new("Encode, bfloat16", work, units, () => half.Encode(sentences)));
        PeerTable.Compare($"{sentences.Length} distinct sentences of STS-B test and SICK-R test", peers);
        if (half is null) return;
        var pairs = new SentenceSimilarityEvaluator(shared.Pairs("stsb-en-test"));
        double float32 = 100 * pairs.Measure(s => whole.Encode(s)).Spearman, bfloat16 = 100 * pairs.Measure(s => half.Encode(s)).Spearman;
        Console.WriteLine(FormattableString.Invariant($"\nSTS-B test, Spearman x 100: {float32:f3} float32, {bfloat16:f3} bfloat16"));
    }

    private static float[][] Plain(SentenceEncoder encoder, PlainBert bert, string[] sentences) => encoder.Use(model =>
    {
        var vectors = new List<float[]>(sentences.Length);
        foreach (string[] batch in sentences.Chunk(PlainBatch))
        {
            using var noGradients = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            var (ids, mask) = PlainBert.Pad(BenchData.Ids(model, batch), model.Tokenizer.PadId);
            float[] values = torch.nn.functional.normalize(bert.forward(ids, mask), 2, 1, 1e-12).data<float>().ToArray();
            vectors.AddRange(values.Chunk(model.Dimensions));
        }
        return vectors.ToArray();
    });
}
