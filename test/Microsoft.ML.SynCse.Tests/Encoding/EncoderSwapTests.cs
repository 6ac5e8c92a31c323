using System.Collections.Concurrent;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A service that puts a newer encoder in the place of the one it serves with, while requests come.</summary>
[TestClass]
[DoNotParallelize]
public sealed class EncoderSwapTests
{
    private const int Swaps = 100, Warm = 20, Callers = 4;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_hundred_swaps_under_load_leave_native_memory_flat()
    {
        long before = LiveTensors.Settled();
        using var folder = new TemporaryFolder();
        string path = folder.New("encoder");
        using (var packaged = SentenceEncoder.LoadDefault()) packaged.Save(path);
        long size = new FileInfo(Path.Combine(path, "model.safetensors")).Length;
        var faults = new ConcurrentQueue<Exception>();
        long answered = 0, atWarm = 0;
        var serving = SentenceEncoder.Load(path);
        using var end = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(i => Task.Run(async () =>
        {
            string[] texts = TinyEncoder.Sentences(8, i);
            while (!end.IsCancellationRequested)
            {
                try
                {
                    await Volatile.Read(ref serving).GenerateAsync(texts);
                    Interlocked.Increment(ref answered);
                }
                catch (ObjectDisposedException)
                {
                    // The one that was read went between the reading and the call: again, with the one that serves now.
                }
#pragma warning disable CA1031 // whatever else is thrown is what this test looks for
                catch (Exception error)
#pragma warning restore CA1031
                {
                    faults.Enqueue(error);
                    return;
                }
            }
        })).ToArray();
        for (int swap = 1; swap <= Swaps; swap++)
        {
            var next = SentenceEncoder.Load(path);
            long mark = Interlocked.Read(ref answered);
            Interlocked.Exchange(ref serving, next).Dispose();
            SpinWait.SpinUntil(() => Interlocked.Read(ref answered) > mark || !faults.IsEmpty);
            if (swap == Warm) atWarm = Resident();
        }
        end.Cancel();
        await Task.WhenAll(callers);
        long growth = Resident() - atWarm;
        serving.Dispose();
        TestContext.WriteLine($"{Swaps} swaps of {size >> 20} MB, {answered} answers: "
            + $"{atWarm >> 20} MB after {Warm}, {growth >> 20} MB more after {Swaps}");
        Assert.IsEmpty(faults, faults.FirstOrDefault()?.ToString());
        Assert.AreEqual(before, LiveTensors.Settled());
        Assert.IsLessThan((Swaps - Warm) * size / 8, growth, "encoders that were swapped out are still in memory");
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
