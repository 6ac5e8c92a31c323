using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Medians of interleaved rounds of several peers, with the machine's own matrix product between them.</summary>
internal static class PeerTable
{
    private const int Rounds = 5, MatrixSize = 2048;

    /// <summary>Runs the peers in turn, round after round, and prints the median of each.</summary>
    public static void Compare(string what, IReadOnlyList<Peer> peers)
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
