using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// A journal of the paper's size: 276,000 sentences of two requests each. How long opening, exporting, and one page take, with the index
/// and without it.
/// </summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class JournalScaleCampaign
{
    private const int Sentences = 276_000, Page = 1000;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Opening_and_exporting_276_000_sentences()
    {
        using var folder = new TemporaryFolder();
        string path = folder.New("journal");
        await FillAsync(path);
        TestContext.WriteLine($"{new FileInfo(path).Length >> 20} MB");
        await MeasureAsync("with the index");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP INDEX outcome_by_position";
            command.ExecuteNonQuery();
            command.CommandText = JournalTables.AcceptedPage;
            command.Parameters.AddWithValue("$1", -1L);
            command.Parameters.AddWithValue("$2", Array.Empty<byte>());
            command.Parameters.AddWithValue("$3", (long)Page);
            var clock = Stopwatch.StartNew();
            for (int page = 0; page < 20; page++)
            {
                command.Parameters[0].Value = (long)page * Page * 13;
                using var reader = command.ExecuteReader();
                while (reader.Read()) _ = reader.GetString(3);
            }
            double seconds = clock.Elapsed.TotalSeconds / 20;
            int pages = Sentences / Page;
            TestContext.WriteLine($"one page without the index: {seconds:f3} s, {pages} pages: {seconds * pages:f1} s");
        }
        await MeasureAsync("of before, which gets the index");

        async Task MeasureAsync(string what)
        {
            var clock = Stopwatch.StartNew();
            var store = await JournalStore.OpenAsync(path, CancellationToken.None);
            var opened = clock.Elapsed;
            clock.Restart();
            await store.ReadAsync(tables => tables.AcceptedAfter(Sentences / 2, [], Page));
            var page = clock.Elapsed;
            await store.CloseAsync();
            clock.Restart();
            Assert.AreEqual(Sentences, await SynthesisJournal.ExportAsync(path, folder.New("t.jsonl")));
            TestContext.WriteLine($"{what}: opened in {opened.TotalSeconds:f2} s, a page in {page.TotalMilliseconds:f0} ms, "
                + $"opened and exported in {clock.Elapsed.TotalSeconds:f2} s");
        }
    }

    private static async Task FillAsync(string path)
    {
        var store = await JournalStore.OpenAsync(path, CancellationToken.None);
        string reply = new('r', 150), text = new('t', 90);
        foreach (int[] part in Enumerable.Range(0, Sentences).Chunk(10_000))
        {
            await store.WriteAsync(tables =>
            {
                foreach (int i in part)
                {
                    string anchor = FormattableString.Invariant($"{text} {i}");
                    foreach (var kind in new[] { RequestKind.Positive, RequestKind.Negative })
                    {
                        byte[] key = SentenceHash.Of(anchor + kind.JournalName());
                        string attempt = FormattableString.Invariant($"{i}-{kind.JournalName()}");
                        long row = tables.Begin(new(attempt, key, kind, "p1", "model", 100, 50, DateTimeOffset.UnixEpoch));
                        tables.End(row, new()
                        {
                            State = AttemptState.Accepted,
                            Reply = reply,
                            InputTokens = 100,
                            OutputTokens = 20,
                            UsageKnown = true,
                            Took = TimeSpan.FromSeconds(1),
                        });
                    }
                    tables.SaveOutcome(JournalRows.Outcome(i, anchor, text));
                }
            });
        }
        await store.CloseAsync();
    }
}
