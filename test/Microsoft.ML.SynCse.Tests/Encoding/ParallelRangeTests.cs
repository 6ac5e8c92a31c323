using Microsoft.ML.SynCse.Core.Encoders;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ParallelRangeTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(100)]
    [DataRow(1000)]
    public void Every_index_comes_once(int count)
    {
        int[] seen = new int[count];
        ParallelRange.Run(count, i => Interlocked.Increment(ref seen[i]), CancellationToken.None);
        Assert.IsTrue(seen.All(n => n == 1));
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(1000)]
    public void An_error_comes_as_it_is(int count)
        => Assert.ThrowsExactly<FormatException>(()
            => ParallelRange.Run(count, i => { if (i == 5) throw new FormatException("x"); }, CancellationToken.None));
}
