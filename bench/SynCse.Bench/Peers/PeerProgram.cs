using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Training and encoding with all-MiniLM-L6-v2 beside plain TorchSharp loops: medians of interleaved rounds, with the machine's
/// own matrix product between them.</summary>
internal static class PeerProgram
{
    private const int Rounds = 5, StepRows = 64, PlainBatch = 32, MatrixSize = 2048;

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
        Compare($"A training step of {StepRows} triplets ({ids.Sum(s => s.Length)} tokens, longest {ids.Max(s => s.Length)})", peers);
        return true;
    });

    private static void Encoding(SharedData shared, SentenceEncoder whole, SentenceEncoder? half)
    {
        string[] sentences =
            [.. new[] { "stsb-en-test", "sickr-test" }.SelectMany(shared.Pairs).SelectMany(pair => new[] { pair.Left, pair.Right })
            .Distinct()];
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
        Compare($"{sentences.Length} distinct sentences of STS-B test and SICK-R test", peers);
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

    private static void Compare(string what, List<Peer> peers)
    {
        var seconds = peers.ToDictionary(peer => peer, _ => new List<double>());
        double best = 0, bestHalf = 0;
        foreach (var peer in peers) peer.Run();                                                         // warm
        for (int round = 0; round < Rounds; round++)
        {
            best = Math.Max(best, MatrixRate(torch.ScalarType.Float32));
            if (BFloat16Support.OfCpu) bestHalf = Math.Max(bestHalf, MatrixRate(torch.ScalarType.BFloat16));
            foreach (var peer in peers) seconds[peer].Add(Seconds(peer.Run));
        }
        Console.WriteLine(
            FormattableString.Invariant($"\n{what}; {MatrixSize}^3 product: {best:f0} GFLOP/s float32, {bestHalf:f0} bfloat16"));
        double first = Median(seconds[peers[0]]);
        foreach (var peer in peers)
        {
            double median = Median(seconds[peer]), rate = peer.Work / median / 1e9;
            double ceiling = peer.Name.EndsWith("bfloat16", StringComparison.Ordinal) ? bestHalf : best;
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                $"  {peer.Name,-58} {median,7:f2} s  {peer.Units.Count / median,8:f1} {peer.Units.Unit}/s  {rate,5:f0} GFLOP/s "
                + $"({rate / ceiling:p0} of the product)  {first / median:f2} x the first"));
        }
    }

    private static double MatrixRate(torch.ScalarType type)
    {
        using var inference = torch.inference_mode();
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.randn(MatrixSize, MatrixSize).to(type), torch.randn(MatrixSize, MatrixSize).to(type));
        a.matmul(b);
        return 2 * Math.Pow(MatrixSize, 3) / 1e9 / Enumerable.Range(0, 2).Min(_ => Seconds(() => a.matmul(b).Dispose()));
    }

    private static double Seconds(Action run)
    {
        long started = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
