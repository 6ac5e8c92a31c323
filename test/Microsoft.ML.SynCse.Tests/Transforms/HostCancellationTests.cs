using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class HostCancellationTests
{
    [TestMethod]
    public async Task What_a_listener_throws_on_the_timers_thread_comes_with_the_cancellation_and_does_not_end_the_process()
    {
        bool canceled = false;
        using var cancellation = new HostCancellation(() => Volatile.Read(ref canceled), CancellationToken.None);
        using var told = cancellation.Token.Register(() => throw new InvalidDataException("a client's own trouble"));
        var waiting = Task.Delay(Timeout.Infinite, cancellation.Token);
        Volatile.Write(ref canceled, true);
        var error = await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        Assert.IsInstanceOfType<InvalidDataException>(cancellation.Cause);
        var explained = cancellation.Explain(error);
        Assert.AreSame(cancellation.Cause, explained.InnerException);
        StringAssert.Contains(explained.Message, "a client's own trouble");
        Assert.AreEqual(cancellation.Token, explained.CancellationToken);
    }

    [TestMethod]
    public async Task A_host_that_cannot_be_asked_any_more_ends_the_work()
    {
        int asked = 0;
        bool Ask() => Interlocked.Increment(ref asked) > 1 ? throw new ObjectDisposedException("the host") : false;
        using var cancellation = new HostCancellation(Ask, CancellationToken.None);
        var error = await Assert.ThrowsAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, cancellation.Token));
        Assert.IsInstanceOfType<ObjectDisposedException>(cancellation.Explain(error).InnerException);
    }

    [TestMethod]
    public void A_host_that_cannot_be_asked_at_all_does_so_at_once()
    {
        using var cancellation = new HostCancellation(() => throw new ObjectDisposedException("the host"), CancellationToken.None);
        Assert.IsTrue(cancellation.Token.IsCancellationRequested);
        Assert.IsInstanceOfType<ObjectDisposedException>(cancellation.Cause);
    }

    [TestMethod]
    public async Task A_plain_cancellation_has_no_other_cause()
    {
        using var source = new CancellationTokenSource();
        using var cancellation = new HostCancellation(() => false, source.Token);
        var waiting = Task.Delay(Timeout.Infinite, cancellation.Token);
        source.Cancel();
        var error = await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        Assert.IsNull(cancellation.Cause);
        Assert.AreSame(error, cancellation.Explain(error));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Who_is_told_and_does_not_return_holds_nobody_up(bool byTheCaller)
    {
        using var ended = new ManualResetEventSlim();
        using var telling = new ManualResetEventSlim();
        using var source = new CancellationTokenSource();
        bool canceled = false;
        var cancellation = new HostCancellation(() => Volatile.Read(ref canceled), source.Token);
        // It waits for the end of the very call that was cancelled.
        using var told = cancellation.Token.Register(() =>
        {
            telling.Set();
            ended.Wait();
        });
        Volatile.Write(ref canceled, !byTheCaller);
        var canceling = byTheCaller ? Task.Run(source.Cancel) : Task.CompletedTask;
        telling.Wait();
        var call = Task.Run(() =>
        {
            Assert.IsNull(cancellation.Cause);
            cancellation.Dispose();
        });
        bool returned = await Task.WhenAny(call, Task.Delay(TimeSpan.FromSeconds(30))) == call;
        ended.Set();
        await call;
        await canceling;
        Assert.IsTrue(returned, "the call waited for who waits for it");
    }

    [TestMethod]
    public void After_the_end_a_late_cancellation_is_no_error()
    {
        using var source = new CancellationTokenSource();
        var cancellation = new HostCancellation(() => false, source.Token);
        cancellation.Dispose();
        cancellation.Dispose();
        source.Cancel();
        Assert.IsFalse(cancellation.Token.IsCancellationRequested);
    }

    [TestMethod]
    public void The_bridge_tells_both_in_one_exception()
    {
        var ml = new MLContext();
        var error = Assert.Throws<OperationCanceledException>(() => BlockingBridge.Run(MLNetEnvironment.Of(ml.Transforms), async token =>
        {
            // Not given back: who is told last is told all the same.
            token.Register(() => throw new InvalidDataException("a client's own trouble"));
            Cancellation.Of(ml);
            await Task.Delay(Timeout.Infinite, token);
            return true;
        }));
        Assert.IsInstanceOfType<InvalidDataException>(error.InnerException);
    }
}
