using System.Diagnostics;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A million short sentences through the tiny BERT of ../shared as one stream: resident memory does not grow with their
/// number.</summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class EncodingStreamCampaign
{
    private const int Count = 1_000_000;
    private static readonly int[] _marks = [10_000, 100_000, Count];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Memory_stays_flat()
    {
        using var encoder = SentenceEncoder.Load(SharedFolder.Path("golden/architectures/bert"));
        long done = 0, tensors = 0;
        var resident = new List<long>();
        var clock = Stopwatch.StartNew();
        await foreach (float[] vector in encoder.EncodeStreamingAsync(Sentences()))
        {
            if (vector.Length != encoder.Dimensions || !float.IsFinite(vector[0])) Assert.Fail($"the vector of sentence {done} is not one");
            if (++done == _marks[0]) tensors = torch.Tensor.TotalCount;
            if (!_marks.Contains((int)done)) continue;
            // What the collector has not come to yet is no growth.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            resident.Add(Environment.WorkingSet >> 20);
            TestContext.WriteLine(
                $"{done:n0} sentences: resident {resident[^1]} MB, {torch.Tensor.TotalCount} live tensors, "
                + $"{done / clock.Elapsed.TotalSeconds:n0} sentences a second");
        }
        Assert.AreEqual(Count, done);
        Assert.AreEqual(tensors, torch.Tensor.TotalCount);
        Assert.IsLessThan(resident[1] + 50, resident[2], "MB at the end beside MB after a tenth");
    }

    private static async IAsyncEnumerable<string> Sentences()
    {
        for (int i = 0; i < Count; i++)
        {
            if (i % 10_000 == 0) await Task.Yield();
            yield return $"Order {i} of {i * 7919L % 1_000_003} was late, " + string.Join(' ', Enumerable.Repeat("again", i % 9));
        }
    }
}
