using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Sixteen threads encode on one encoder while another disposes it: right vectors or <see cref="ObjectDisposedException"/>, and
/// never a crash of the process.</summary>
[TestClass]
[DoNotParallelize]
public sealed class DisposalRaceTests
{
    private const int Threads = 16;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Threads_get_right_vectors_or_are_told_of_the_disposal() => Run(100);

    [TestMethod]
    [TestCategory("Campaign")]
    public void A_thousand_rounds() => Run(1000);

    private void Run(int rounds)
    {
        long before = LiveTensors.Settled();
        string[] sentences = TinyEncoder.Sentences(6);
        using (var original = TinyEncoder.Load())
        {
            var race = new Race(original, sentences);
            var workers = Enumerable.Range(0, Threads).Select(_ => new Thread(race.Work)).ToArray();
            foreach (var worker in workers) worker.Start();
            var random = new Random(5);
            for (int round = 0; round < rounds; round++) race.Round(random.Next(3 * Threads));
            race.End();
            foreach (var worker in workers) worker.Join();
            TestContext.WriteLine(
                $"{rounds} rounds of {Threads} threads: {race.Right} right results, {race.Refused} times told of the disposal, "
                + $"{race.Rounds} rounds in which some were still under way");
            Assert.IsEmpty(race.Faults, string.Join('\n', race.Faults.Take(3)));
            Assert.AreEqual((long)rounds * Threads, race.Refused);
            // A race that is always lost or always won would show nothing.
            Assert.IsGreaterThan(rounds, race.Right);
        }
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    /// <summary>One encoder a round; every worker encodes on it until it is told of its disposal.</summary>
    private sealed class Race(SentenceEncoder original, string[] sentences)
    {
        private readonly float[][] _expected = original.Encode(sentences);
        private readonly Barrier _begin = new(Threads + 1), _end = new(Threads + 1);
        private SentenceEncoder? _encoder;
        private readonly ManualResetEventSlim _enough = new();
        private long _right, _refused, _wanted;

        public long Right => _right;

        public long Refused => _refused;

        public int Rounds { get; private set; }

        public System.Collections.Concurrent.ConcurrentQueue<string> Faults { get; } = [];

        /// <summary>Disposes an encoder as soon as so many results have come from it.</summary>
        public void Round(int results)
        {
            _encoder = original.Copy(original.Card);
            long before = Interlocked.Read(ref _right);
            Interlocked.Exchange(ref _wanted, before + results);
            _enough.Reset();
            _begin.SignalAndWait();
            if (results > 0) _enough.Wait();
            _encoder.Dispose();
            _end.SignalAndWait();
            if (Interlocked.Read(ref _right) > before) Rounds++;
        }

        public void End()
        {
            _encoder = null;
            _begin.SignalAndWait();
        }

        public void Work()
        {
            while (true)
            {
                _begin.SignalAndWait();
                if (_encoder is not { } encoder) return;
                EncodeUntilDisposed(encoder);
                _end.SignalAndWait();
            }
        }

        private void EncodeUntilDisposed(SentenceEncoder encoder)
        {
            try
            {
                while (true)
                {
                    double deviation = Golden.WorstDifference(_expected, encoder.Encode(sentences));
                    if (deviation > 1e-6) Faults.Enqueue($"a vector deviates by {deviation}");
                    if (Interlocked.Increment(ref _right) == Interlocked.Read(ref _wanted)) _enough.Set();
                }
            }
            catch (ObjectDisposedException)
            {
                Interlocked.Increment(ref _refused);
            }
#pragma warning disable CA1031 // whatever else is thrown is what this test looks for
            catch (Exception other)
#pragma warning restore CA1031
            {
                Faults.Enqueue(other.ToString());
            }
        }
    }
}
