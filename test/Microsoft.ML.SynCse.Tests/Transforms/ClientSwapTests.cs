using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A synthesis step is given another client while it is read, while it opens its journal, and while its context is
/// cancelled.</summary>
[TestClass]
public sealed class ClientSwapTests
{
    private const int Rows = 12;
    private static readonly OrderRow[] _data = OrderRow.Many(Rows);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void In_a_thousand_swaps_no_reading_is_told_of_a_disposal_and_nothing_stays_open()
    {
        const int Swaps = 1000, Readers = 3;
        var faults = new ConcurrentQueue<string>();
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", Quiet()).Fit(Source());
        string journal = JournalOf(transformer);
        long readings = 0;
        bool swapping = true;
        var readers = Enumerable.Range(0, Readers).Select(reader => new Thread(() =>
        {
            var source = new MLContext(seed: 1).Data.LoadFromEnumerable(_data);
            try
            {
                for (int i = reader; Volatile.Read(ref swapping); i++)
                {
                    // Whole views and views of which one row is read: the second begins a reading more often.
                    string[] texts = transformer.Transform(source).GetColumn<string>("Positive").Take(i % 3 == 0 ? Rows : 1).ToArray();
                    var expected = _data.Take(texts.Length).Select(r => FakeRequest.Positive(r.Text));
                    if (!texts.SequenceEqual(expected)) faults.Enqueue($"wrong texts: {string.Join(" | ", texts)}");
                    Interlocked.Increment(ref readings);
                }
            }
#pragma warning disable CA1031 // whatever is thrown is what this test looks for
            catch (Exception error)
#pragma warning restore CA1031
            {
                faults.Enqueue(error.ToString());
            }
        })).ToArray();
        foreach (var reader in readers) reader.Start();
        for (int i = 0; i < Swaps; i++)
            transformer.UseChatClient(Quiet(), i % 100 == 99 ? o => o with { MaxConcurrency = 2 + (i % 3) } : null);
        Volatile.Write(ref swapping, false);
        foreach (var reader in readers) reader.Join();
        Assert.IsEmpty(faults, string.Join('\n', faults.Take(2)));
        Assert.IsGreaterThan(0, readings);
        Assert.AreEqual(journal, JournalOf(transformer), "what was paid for in the temporary journal is kept");
        Assert.IsTrue(File.Exists(journal));
        transformer.Dispose();
        Assert.IsFalse(File.Exists(journal), "an engine of before holds the journal");
    }

    [TestMethod]
    public async Task A_reading_that_opens_the_journal_at_that_moment_goes_on_and_its_texts_are_kept()
    {
        using var opening = new ManualResetEventSlim();
        using var opened = new ManualResetEventSlim();
        var (first, second) = (new SlowToOpen(Quiet(), opening, opened), Writers.Good());
        using var transformer = _ml.Transforms.SynthesizeTriplets("Text", first).Fit(Source());
        var reading = Task.Run(() => transformer.Transform(Source()).GetColumn<string>("Positive").ToArray());
        opening.Wait();
        var swap = Task.Run(() => transformer.UseChatClient(second));
        // A swap that does not wait for the reading is done by then.
        await Task.WhenAny(swap, Task.Delay(300));
        opened.Set();
        await swap;
        CollectionAssert.AreEqual(_data.Select(r => FakeRequest.Positive(r.Text)).ToArray(), await reading);
        CollectionAssert.AreEqual(await reading, transformer.Transform(Source()).GetColumn<string>("Positive").ToArray());
        Assert.AreEqual(0, second.Calls, "the sentences were paid for twice");
    }

    [TestMethod]
    public async Task A_reading_that_begins_while_the_callers_function_runs_does_not_wait_for_it_and_its_texts_are_kept()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var (first, second) = (Writers.Good(), Writers.Good());
        using var transformer = _ml.Transforms.SynthesizeTriplets("Text", first).Fit(Source());
        var swap = Task.Run(() => transformer.UseChatClient(second, options =>
        {
            inside.Set();
            goOn.Wait();
            return options;
        }));
        inside.Wait();
        string[] texts = await WhileHeldUp(transformer, goOn);
        await swap;
        // The journal was made after the swap had begun; the new client goes on with it all the same.
        CollectionAssert.AreEqual(texts, transformer.Transform(Source()).GetColumn<string>("Positive").ToArray());
        Assert.AreEqual((2 * Rows, 0), (first.Calls, second.Calls), "the sentences were paid for twice");
    }

    [TestMethod]
    public async Task A_reading_that_begins_while_the_new_client_opens_the_journal_does_not_wait_for_it()
    {
        using var opening = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        using var transformer = _ml.Transforms.SynthesizeTriplets("Text", Quiet()).Fit(Source());
        string journal = JournalOf(transformer);
        var swap = Task.Run(() => transformer.UseChatClient(new SlowToOpen(Quiet(), opening, goOn)));
        opening.Wait();
        await WhileHeldUp(transformer, goOn);
        await swap;
        Assert.AreEqual(journal, JournalOf(transformer));
    }

    [TestMethod]
    public async Task A_step_that_is_disposed_during_a_swap_closes_everything_and_the_swap_says_so()
    {
        using var inside = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", Quiet()).Fit(Source());
        string journal = JournalOf(transformer);
        var swap = Task.Run(() => transformer.UseChatClient(Quiet(), options =>
        {
            inside.Set();
            goOn.Wait();
            return options;
        }));
        inside.Wait();
        var disposal = Task.Run(transformer.Dispose);
        bool disposed = await Task.WhenAny(disposal, Task.Delay(TimeSpan.FromSeconds(30))) == disposal;
        goOn.Set();
        await disposal;
        var error = await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => swap);
        Assert.IsTrue(disposed, "the disposal waited for the caller's function");
        StringAssert.Contains(error.Message, "The synthesis step 'Text' -> 'Positive', 'Negative' was disposed.");
        Assert.IsFalse(File.Exists(journal));
    }

    [TestMethod]
    public void A_function_may_give_a_client_itself_and_the_outer_one_counts()
    {
        var (inner, outer) = (Writers.Good(), Writers.Good());
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", Quiet()).Fit(Source());
        string journal = JournalOf(transformer);
        transformer.UseChatClient(outer, options =>
        {
            transformer.UseChatClient(inner);
            return options;
        });
        Assert.AreEqual(Rows, transformer.Transform(Source()).GetColumn<string>("Positive").Count());
        Assert.AreEqual((0, 2 * Rows), (inner.Calls, outer.Calls));
        transformer.Dispose();
        Assert.IsFalse(File.Exists(journal), "an engine of before holds the journal");
    }

    [TestMethod]
    public void A_swap_that_is_cancelled_inside_leaves_the_step_as_it_was_and_closes_what_it_opened()
    {
        var (first, second) = (Writers.Good(), Writers.Good());
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", first, options: new() { MaxConcurrency = 2 }).Fit(Source());
        string journal = JournalOf(transformer);
        Cancellation.Of(_ml);
        Assert.Throws<OperationCanceledException>(() => transformer.UseChatClient(second, o => o with { MaxConcurrency = 5 }));
        transformer.UseChatClient(first, o =>
        {
            Assert.AreEqual(2, o.MaxConcurrency, "the options of the swap that failed");
            return o with { JournalPath = journal };                    // nothing has to be taken over, so nothing is cancelled
        });
        transformer.Dispose();
        Assert.IsFalse(File.Exists(journal), "the engine of before was never left");
    }

    [TestMethod]
    public void A_swap_whose_options_are_refused_leaves_the_step_as_it_was()
    {
        var client = Writers.Good();
        using var transformer = _ml.Transforms.SynthesizeTriplets("Text", client).Fit(Source());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.UseChatClient(Writers.Good(), o => o with { MaxAttempts = 0 }));
        Assert.AreEqual(Rows, transformer.Transform(Source()).GetColumn<string>("Positive").Count());
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public void A_sister_from_the_same_estimator_reads_on_after_a_swap_during_its_reading()
    {
        var estimator = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good());
        using var one = estimator.Fit(Source());
        var sister = estimator.Fit(Source());
        string journal = JournalOf(sister);
        var view = sister.Transform(Source());
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            ReadOnlyMemory<char> text = default;
            var read = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            Assert.IsTrue(cursor.MoveNext());
            read(ref text);
            one.UseChatClient(Writers.Good());
        }
        for (int i = 0; i < 3; i++) Assert.AreEqual(Rows, view.GetColumn<string>("Positive").Count(), $"reading {i}");
        one.Dispose();
        Assert.IsTrue(File.Exists(journal));
        Assert.AreEqual(Rows, view.GetColumn<string>("Positive").Count());
        sister.Dispose();
        Assert.IsFalse(File.Exists(journal));
    }

    [TestMethod]
    public void Disposing_ends_readings_on_the_engines_of_before_too()
    {
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good()).Fit(Source());
        string journal = JournalOf(transformer);
        var view = transformer.Transform(Source());
        ReadOnlyMemory<char> text = default;
        using var cursor = view.GetRowCursor(view.Schema);
        var read = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
        Assert.IsTrue(cursor.MoveNext());
        read(ref text);
        transformer.UseChatClient(Writers.Good());
        transformer.Dispose();
        Assert.IsFalse(File.Exists(journal));
        while (cursor.MoveNext())
        {
            try
            {
                read(ref text);
            }
            catch (ObjectDisposedException error)
            {
                StringAssert.Contains(error.Message,
                    "The synthesis step 'Text' -> 'Positive', 'Negative' was disposed. PredictionEngine.Dispose()");
                return;
            }
        }
        // Rows that were written before the disposal may be read to the end.
    }

    [TestMethod]
    public async Task A_report_that_is_asked_for_during_swaps_is_given()
    {
        var transformer = _ml.Transforms.SynthesizeTriplets("Text", Quiet()).Fit(Source());
        Assert.AreEqual(Rows, transformer.Transform(Source()).GetColumn<string>("Positive").Count());
        var swaps = Task.Run(() =>
        {
            for (int i = 0; i < 200; i++) transformer.UseChatClient(Quiet());
        });
        do Assert.AreEqual(Rows, (await transformer.GetReportAsync()).Accepted);
        while (!swaps.IsCompleted);
        await swaps;
        transformer.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => transformer.GetReportAsync());
    }

    // Reads the whole column while somebody is held up by the event.
    private async Task<string[]> WhileHeldUp(TripletSynthesisTransformer transformer, ManualResetEventSlim goOn)
    {
        var reading = Task.Run(() => transformer.Transform(Source()).GetColumn<string>("Positive").ToArray());
        bool read = await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(30))) == reading;
        goOn.Set();
        CollectionAssert.AreEqual(_data.Select(r => FakeRequest.Positive(r.Text)).ToArray(), await reading);
        Assert.IsTrue(read, "the reading waited");
        return await reading;
    }

    private static FakeChatClient Quiet()
        => new((request, _) => Task.FromResult(FakeChatClient.Reply(Writers.Answer(request)))) { Keeps = false };

    private static string JournalOf(TripletSynthesisTransformer transformer)
    {
        var (pass, engine) = transformer.Begin();
        pass.Dispose();
        return engine.Journal.Path;
    }

    private IDataView Source() => _ml.Data.LoadFromEnumerable(_data);

    /// <summary>A client that holds up whoever opens an engine over it, once.</summary>
    private sealed class SlowToOpen(IChatClient inner, ManualResetEventSlim opening, ManualResetEventSlim opened)
        : DelegatingChatClient(inner)
    {
        private int _asked;

        public override object? GetService(Type serviceType, object? serviceKey = null)
        {
            if (Interlocked.Exchange(ref _asked, 1) == 0)
            {
                opening.Set();
                opened.Wait();
            }
            return base.GetService(serviceType, serviceKey);
        }
    }
}
