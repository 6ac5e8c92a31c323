using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

public sealed partial class SynthesizedTextViewTests
{
    [TestMethod]
    public async Task Rows_that_failed_have_empty_text_and_are_counted_and_warned_of_once()
    {
        var log = new MLLog(_ml);
        var transformer = Fit(Writers.Good(), new() { PairChecks = [new AnchorCheck("3 days")] });
        var view = transformer.Transform(Source());
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (var row in Read(view))
            {
                bool failed = row.Id % 7 == 3;
                Assert.AreEqual(failed ? "" : FakeRequest.Positive(row.Text), row.Positive);
                Assert.AreEqual(failed ? "" : FakeRequest.Negative(row.Text), row.Negative);
            }
        }
        var report = await transformer.GetReportAsync();
        int expected = _data.Count(d => d.Id % 7 == 3);
        Assert.AreEqual((Rows, Rows - expected), (report.Sentences, report.Accepted));
        StringAssert.Contains(log.Text,
            $"Warning: {expected} of {Rows} sentences got no text, and their columns are empty: positive: pair-anchor ({expected}).");
        Assert.AreEqual(1, log.Text.Split("got no text").Length - 1);
    }

    [TestMethod]
    public void A_cursor_that_is_left_early_ends_its_requests()
    {
        int ended = 0;
        var client = new FakeChatClient(async (request, token) =>
        {
            if (request.Sentence == _data[0].Text) return FakeChatClient.Reply(request.GoodAnswer());
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
            throw new InvalidOperationException();
        });
        var view = View(client);
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
            ReadOnlyMemory<char> value = default;
            Assert.IsTrue(cursor.MoveNext());
            positive(ref value);
            Assert.AreEqual(FakeRequest.Positive(_data[0].Text), value.ToString());
        }
        // A client that is slow to notice its cancellation is not waited for, so the last of them may end a moment later.
        Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref ended) == client.Calls - 2, TimeSpan.FromSeconds(10)),
            $"{ended} of {client.Calls - 2} requests ended");
    }

    [TestMethod]
    public void Cancelling_the_contexts_execution_ends_a_wait()
    {
        // The client never answers: only the cancellation can end the reading.
        var client = new FakeChatClient(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        var view = View(client);
        using var timer = new Timer(_ => Cancellation.Of(_ml), null, 300, Timeout.Infinite);
        Assert.ThrowsExactly<OperationCanceledException>(() => view.GetColumn<string>("Positive").First());
        Assert.IsGreaterThan(0, client.Calls);
    }

    [TestMethod]
    public void A_provider_that_refuses_comes_out_as_the_one_error_it_is()
    {
        var client = new FakeChatClient(async (request, _) =>
        {
            await Task.Yield();
            throw new HttpRequestException("no", null, System.Net.HttpStatusCode.Unauthorized);
        });
        var view = View(client);
        var error = Assert.ThrowsExactly<SynthesisStoppedException>(() => view.GetColumn<string>("Positive").First());
        Assert.AreEqual(SynthesisStopReason.ProviderRefuses, error.Reason);
        Assert.ThrowsExactly<SynthesisStoppedException>(() => view.GetColumn<string>("Positive").First());
    }

    [TestMethod]
    public void A_function_of_the_users_that_throws_is_heard_at_its_row()
    {
        var view = View(Writers.Good(), new() { Redact = s => s == _data[5].Text ? throw new InvalidTimeZoneException("mine") : s });
        int read = 0;
        var error = Assert.ThrowsExactly<InvalidTimeZoneException>(() =>
        {
            foreach (string _ in view.GetColumn<string>("Positive")) read++;
        });
        Assert.AreEqual(("mine", 5), (error.Message, read));
    }

    [TestMethod]
    public void A_limit_ends_the_reading_and_what_was_read_is_kept()
    {
        using var folder = new TemporaryFolder();
        string path = folder.New("journal");
        var client = Writers.Good();
        var options = new TripletSynthesisOptions { JournalPath = path, Limits = new() { MaxRequests = 100 } };
        Assert.ThrowsExactly<SynthesisStoppedException>(() => Read(View(client, options)).Count());
        Assert.AreEqual(100, client.Calls);
        DisposeTransformers();
        _made.Clear();
        Check(Read(View(client, options with { Limits = null })), Rows);
        Assert.AreEqual(2 * Rows, client.Calls);
    }

    [TestMethod]
    public void Disposing_ends_readings_and_removes_the_temporary_journal()
    {
        var client = new FakeChatClient(async (request, token) =>
        {
            if (request.Sentence != _data[0].Text) await Task.Delay(Timeout.Infinite, token);
            return FakeChatClient.Reply(request.GoodAnswer());
        });
        var transformer = Fit(client);
        var view = transformer.Transform(Source());
        using var cursor = view.GetRowCursor(view.Schema);
        var positive = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Positive"]);
        ReadOnlyMemory<char> value = default;
        cursor.MoveNext();
        positive(ref value);
        string journal = JournalOf(transformer);
        Assert.IsTrue(File.Exists(journal));
        cursor.MoveNext();
        var reading = Task.Run(() => positive(ref value));
        Thread.Sleep(100);
        transformer.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => reading.GetAwaiter().GetResult());
        Assert.ThrowsExactly<ObjectDisposedException>(() => view.GetColumn<string>("Positive").First());
        Assert.IsFalse(File.Exists(journal) || File.Exists(journal + "-wal"));
    }

    [TestMethod]
    public void The_temporary_journal_of_a_transformer_that_nobody_disposes_goes_with_it()
    {
        string journal = Forget();
        Assert.IsTrue(SpinWait.SpinUntil(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
            return !File.Exists(journal);
        }, TimeSpan.FromSeconds(20)));
    }

    [TestMethod]
    public void While_a_chain_is_fitted_an_error_comes_unwrapped_out_of_the_embedding_after_it()
    {
        using var encoder = TinyEncoder.Load();
        var pipeline = _ml.Transforms.SynthesizeTriplets("Text", Writers.Good(), options: new() { Limits = new() { MaxRequests = 50 } })
            .Append(_ml.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative", new() { Encoder = encoder }));
        Assert.ThrowsExactly<SynthesisStoppedException>(() => pipeline.Fit(Source()));
    }
}
