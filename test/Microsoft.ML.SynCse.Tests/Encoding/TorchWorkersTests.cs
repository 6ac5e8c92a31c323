using Microsoft.ML.SynCse.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TorchWorkersTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(500)]
    public void Every_piece_is_done_once_and_told_of_on_the_calling_thread(int count)
    {
        int[] seen = new int[count], told = new int[count];
        int caller = Environment.CurrentManagedThreadId;
        TorchWorkers.Run(
            3, count, i => Interlocked.Increment(ref seen[i]), i
            => told[i] += Environment.CurrentManagedThreadId == caller ? 1 : 100, CancellationToken.None);
        Assert.IsTrue(seen.Concat(told).All(n => n == 1));
    }

    [TestMethod]
    public void A_worker_computes_with_one_thread_and_nobody_else_notices()
    {
        int before = torch.get_num_threads(), elsewhere = 0;
        int[] within = new int[8];
        TorchWorkers.Run(2, within.Length, i =>
        {
            // torch sets a thread's number at its first use
            torch.ones(64, 64).Dispose();
            within[i] = torch.get_num_threads();
        }, _ => { }, CancellationToken.None);
        var thread = new Thread(() => elsewhere = torch.get_num_threads());
        thread.Start();
        thread.Join();
        Assert.IsTrue(within.All(n => n == 1));
        Assert.AreEqual(before, torch.get_num_threads());
        Assert.AreEqual(before, elsewhere);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void An_error_comes_as_it_is_when_nothing_is_at_work_any_more(bool inTheWork)
    {
        int atWork = 0, begun = 0;
        void Work(int piece)
        {
            Interlocked.Increment(ref atWork);
            Interlocked.Increment(ref begun);
            Thread.Sleep(5);
            Interlocked.Decrement(ref atWork);
            if (inTheWork && piece == 2) throw new FormatException("x");
        }
        Assert.ThrowsExactly<FormatException>(()
            => TorchWorkers.Run(
            2, 1000, Work, piece => { if (!inTheWork && piece == 2) throw new FormatException("y"); }, CancellationToken.None));
        Assert.AreEqual(0, atWork);
        Assert.IsLessThan(20, begun);
    }

    [TestMethod]
    public void Cancelled_it_ends_soon_and_says_so()
    {
        using var cancellation = new CancellationTokenSource();
        int begun = 0;
        Assert.ThrowsExactly<OperationCanceledException>(()
            => TorchWorkers.Run(
            2, 1000, _ => Interlocked.Increment(ref begun), piece => { if (piece == 3) cancellation.Cancel(); }, cancellation.Token));
        Assert.IsLessThan(20, begun);
    }

    [TestMethod]
    public void Calls_at_the_same_time_share_the_workers_batch_by_batch()
    {
        using var longBegan = new ManualResetEventSlim();
        int longDone = 0;
        var longCall = Task.Run(()
            => TorchWorkers.Run(
            1, 200, _ => { longBegan.Set(); Thread.Sleep(5); }, _ => Interlocked.Increment(ref longDone), CancellationToken.None));
        longBegan.Wait();
        TorchWorkers.Run(1, 3, _ => { }, _ => { }, CancellationToken.None);
        Assert.IsLessThan(200, Volatile.Read(ref longDone));
        longCall.Wait();
        Assert.AreEqual(200, longDone);
    }

    [TestMethod]
    public void Batches_side_by_side_give_the_vectors_of_one_sentence_at_a_time()
    {
        using var encoder = SentenceEncoder.LoadDefault(new() { MaxTokensPerBatch = 64 });
        string[] sentences =
            [.. Enumerable.Range(0, 300).Select(i => string.Join(' ', Enumerable.Repeat("the lamp arrived broken", 1 + i % 7)) + $" {i}")];
        var reports = new List<EncodingProgress>();
        float[][] together = encoder.Encode(sentences, progress: new Inline<EncodingProgress>(reports.Add));
        for (int i = 0; i < sentences.Length; i += 13) Assert.IsLessThan(
            1e-5, Golden.WorstDifference([encoder.Encode([sentences[i]])[0]], [together[i]]));
        Assert.AreEqual(sentences.Length, reports[^1].Done);
        Assert.IsTrue(reports.Zip(reports.Skip(1)).All(p => p.First.Done < p.Second.Done));
        CollectionAssert.AreEqual(together.SelectMany(v => v).ToArray(), encoder.Encode(sentences).SelectMany(v => v).ToArray());
    }
}
