using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[DoNotParallelize]
public sealed class SynthesisJournalTests
{
    [TestMethod]
    public async Task Each_request_is_a_row_with_its_attempt_id_its_reply_and_its_tokens()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(5));
        var rows = Query(options.JournalPath!,
            "SELECT attempt, kind, state, reply, input_tokens, model, prompts FROM request ORDER BY row");
        CollectionAssert.AreEquivalent(client.Requests.Select(r => r.AttemptId).ToArray(), rows.Select(r => (string)r[0]).ToArray());
        Assert.IsTrue(rows.All(r => r is [_, "positive" or "negative", "accepted", string, 100L, "fake-1", string]));
        if (!OperatingSystem.IsWindows())
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(options.JournalPath!));
    }

    [TestMethod]
    public async Task A_temporary_journal_is_gone_with_its_synthesizer()
    {
        string[] Left() => Directory.GetFiles(Path.GetTempPath(), "syncse-*.journal*");
        string[] before = Left();
        await using (var synthesizer = new TripletSynthesizer(new FakeChatClient(r => r.GoodAnswer())))
        {
            await Synthesis.CollectAsync(synthesizer.SynthesizeAsync(Synthesis.Sentences(3)));
            Assert.IsGreaterThan(before.Length, Left().Length);
        }
        CollectionAssert.AreEquivalent(before, Left());
    }

    [TestMethod]
    [DataRow("some text that is no database at all, long enough to have a header", "some other file")]
    [DataRow("x", "some other file")]
    [DataRow("SQLite format 3\0 and then nothing that makes sense, for a good while"
        + "............................................................"
        + "............................................................", "damaged")]
    public async Task A_foreign_or_broken_file_is_refused_and_left_as_it_is(string content, string expected)
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        File.WriteAllText(options.JournalPath!, content);
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), options, Synthesis.Sentences(1)));
        StringAssert.Contains(error.Message, expected);
        StringAssert.Contains(error.Message, options.JournalPath!);
        Assert.AreEqual(content, File.ReadAllText(options.JournalPath!));
    }

    [TestMethod]
    public async Task Another_programs_database_and_a_later_format_are_refused_and_left_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        Query(options.JournalPath!, "CREATE TABLE mine (a); INSERT INTO mine VALUES (1)");
        byte[] before = File.ReadAllBytes(options.JournalPath!);
        var client = new FakeChatClient(r => r.GoodAnswer());
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => Synthesis.RunAsync(client, options, Synthesis.Sentences(1)));
        StringAssert.Contains(error.Message, "not a journal");
        CollectionAssert.AreEqual(before, File.ReadAllBytes(options.JournalPath!));

        var later = Synthesis.Options(folder);
        await Synthesis.RunAsync(client, later, Synthesis.Sentences(1));
        Query(later.JournalPath!, "PRAGMA user_version = 99");
        error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => Synthesis.RunAsync(client, later, Synthesis.Sentences(1)));
        StringAssert.Contains(error.Message, "later Microsoft.ML.SynCse");
    }

    [TestMethod]
    public async Task A_journal_whose_pages_are_damaged_is_refused_and_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(200));
        byte[] bytes = File.ReadAllBytes(options.JournalPath!);
        foreach (var (from, length) in new[] { (4096, 8192), (bytes.Length / 2, 4096), (bytes.Length - 20_000, 20_000) })
        {
            byte[] damaged = bytes.ToArray();
            new Random(1).NextBytes(damaged.AsSpan(from, length));
            File.WriteAllBytes(options.JournalPath!, damaged);
            var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(
                () => Synthesis.RunAsync(client, options, Synthesis.Sentences(200)));
            StringAssert.Contains(error.Message, "damaged");
            CollectionAssert.AreEqual(damaged, File.ReadAllBytes(options.JournalPath!));
        }
        File.WriteAllBytes(options.JournalPath!, bytes[..(bytes.Length / 2)]);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => Synthesis.RunAsync(client, options, Synthesis.Sentences(200)))).Message, "damaged");
    }

    [TestMethod]
    public async Task A_journal_that_is_open_elsewhere_is_waited_for_and_then_named()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(3));
        var wait = JournalStore.LockWait;
        using var other = new SqliteConnection($"Data Source={options.JournalPath};Pooling=False");
        other.Open();
        Execute(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
        try
        {
            JournalStore.LockWait = TimeSpan.FromMilliseconds(300);
            var error = await Assert.ThrowsExactlyAsync<IOException>(() => Synthesis.RunAsync(client, options, Synthesis.Sentences(3)));
            StringAssert.Contains(error.Message, "open in another process");
            JournalStore.LockWait = TimeSpan.FromSeconds(30);
            var waiting = Synthesis.RunAsync(client, options, Synthesis.Sentences(4));
            await Task.Delay(300, CancellationToken.None);
            Assert.IsFalse(waiting.IsCompleted);
            other.Close();
            Assert.HasCount(4, await waiting);
        }
        finally
        {
            JournalStore.LockWait = wait;
        }
        Assert.AreEqual(8, client.Calls);
    }

    [TestMethod]
    public async Task A_request_in_flight_when_its_process_died_counts_as_lost_with_all_it_may_have_used()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxOutputTokens = 50 };
        var client = new FakeChatClient(r => r.GoodAnswer());
        await Synthesis.RunAsync(client, options, Synthesis.Sentences(3));
        Query(options.JournalPath!,
            "UPDATE request SET state = 'sent', reply = NULL, input_tokens = 700, output_tokens = 50, usage_known = 0 WHERE row = 2; "
                + "DELETE FROM outcome");
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(3));
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        Assert.AreEqual(7, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((7L, 1L, 1300L, 110L, 1L),
            (report.Requests, report.LostRequests, report.InputTokens, report.OutputTokens, report.RequestsWithoutUsage));
    }

    [TestMethod]
    public async Task A_folder_or_a_missing_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        var client = new FakeChatClient(r => r.GoodAnswer());
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<IOException>(
            () => Synthesis.RunAsync(client, new() { JournalPath = folder.Root }, ["A sentence"]))).Message, "is a folder");
        string missing = Path.Combine(folder.Root, "none", "j");
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<DirectoryNotFoundException>(
            () => Synthesis.RunAsync(client, new() { JournalPath = missing }, ["A sentence"]))).Message, missing);
    }

    [TestMethod]
    [DataRow("jsonl", 1, 1)]
    [DataRow("csv", 1, 1)]
    [DataRow("jsonl", 2, 3)]
    [DataRow("csv", 2, 3)]
    public async Task Exported_triplets_imported_elsewhere_are_not_asked_for_again(string format, int positives, int negatives)
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { PositivesPerSentence = positives, NegativesPerSentence = negatives };
        string[] sentences = [.. Synthesis.Sentences(2500), "A \"quoted\", odd\tsentence: Grüße, 世界 📦", "=SUM(A1) is what the cell says"];
        var client = new FakeChatClient(
            r
                => FakeRequest.Json($"{(char)('A' + r.Number % 26)}{r.Number}: "
                    + $"{(r.IsNegative ? FakeRequest.Negative(r.Sentence!) : FakeRequest.Positive(r.Sentence!))}"))
        { Keeps = false };
        var outcomes = await Synthesis.RunAsync(client, options, sentences);
        string file = folder.New($"t.{format}");
        Assert.AreEqual(outcomes.Count(o => o.Example is not null), await SynthesisJournal.ExportAsync(options.JournalPath!, file));

        var elsewhere = Synthesis.Options(folder) with { PositivesPerSentence = positives, NegativesPerSentence = negatives };
        Assert.AreEqual(sentences.Length, await SynthesisJournal.ImportAsync(elsewhere.JournalPath!, file));
        Assert.AreEqual(0, await SynthesisJournal.ImportAsync(elsewhere.JournalPath!, file));
        int before = client.Calls;
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes), Synthesis.Lines(await Synthesis.RunAsync(client, elsewhere, sentences)));
        Assert.AreEqual(before, client.Calls);
        var read = await Synthesis.CollectAsync(SynthesisJournal.ReadAsync(elsewhere.JournalPath!));
        CollectionAssert.AreEqual(Synthesis.Lines(outcomes), Synthesis.Lines(read));
    }

    [TestMethod]
    [DataRow("t.jsonl", "{\"anchor\":\"a\",\"positives\":[\"b\"],\"negatives\":[\"c\"]}\nnot json", "Line 2")]
    [DataRow("t.jsonl", "{\"anchor\":\"\",\"positives\":[\"b\"],\"negatives\":[\"c\"]}", "Line 1")]
    [DataRow("t.jsonl", "{\"anchor\":\"a\",\"negatives\":[\"c\"]}", "Line 1")]
    [DataRow("t.csv", "anchor,positive\na,b\nc\n", "Line 3")]
    [DataRow("t.csv", "anchor,positive\na,\n", "Line 2")]
    [DataRow("t.csv", "anchor,positive\na,b\"c\n", "double quote")]
    [DataRow("t.csv", "first,second\na,b\n", "must name the columns")]
    [DataRow("t.csv", "", "is empty")]
    [DataRow("t.csv", "sentence1,sentence2,score\na,b,0.1\n", "'score'")]
    [DataRow("t.csv", "anchor,positive,negative,neg_1\na,b,c,d\n", "'negative' and 'neg_1'")]
    public async Task A_line_that_is_no_triplet_is_named(string name, string content, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.New(name);
        File.WriteAllText(file, content);
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => SynthesisJournal.ImportAsync(folder.New("j"), file));
        StringAssert.Contains(error.Message, expected);
        StringAssert.Contains(error.Message, file);
    }

    [TestMethod]
    [DataRow("anchor,positive,positive_score,negative_1,negative_1_score,negative_2,negative_2_score,id\n\"a, b\",p,0.9,n,0.3,m,0.2,7\n")]
    [DataRow("id;Query;Pos;Hard Neg 2;Hard Neg 1;score\n7;a, b;p;m;n;0,9\n")]
    [DataRow("sep=;\nquestion;answer;negative_1;negative_2;negative_score\na, b;p;n;m;0,1\n")]
    public async Task Columns_are_imported_by_their_names_and_scores_are_no_texts(string content)
    {
        using var folder = new TemporaryFolder();
        var (file, journal) = (folder.New("t.csv"), folder.New("j"));
        File.WriteAllText(file, content);
        Assert.AreEqual(1, await SynthesisJournal.ImportAsync(journal, file));
        var example = (await Synthesis.CollectAsync(SynthesisJournal.ReadAsync(journal))).Single().Example!;
        Assert.AreEqual(("a, b", "p", "n m"), (example.Anchor, string.Join(' ', example.Positives), string.Join(' ', example.Negatives)));
    }

    [TestMethod]
    [DataRow("t.csv", "anchor,positive,negative\none,two,three\n")]
    [DataRow("t.jsonl", "{\"anchor\":\"a\",\"positives\":[\"b\"],\"negatives\":[]}\n\n")]
    public async Task A_file_that_is_no_UTF_8_is_named_with_the_line(string name, string before)
    {
        using var folder = new TemporaryFolder();
        string file = folder.New(name);
        File.WriteAllBytes(file, [.. System.Text.Encoding.UTF8.GetBytes(before), .. "M"u8, 0xFC, .. "ller,b,c\n"u8]);
        var error = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => SynthesisJournal.ImportAsync(folder.New("j"), file));
        StringAssert.Contains(error.Message, $"Line 3 of '{file}' is no UTF-8 text");
    }

    [TestMethod]
    public async Task Missing_files_and_other_endings_are_named()
    {
        using var folder = new TemporaryFolder();
        await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => SynthesisJournal.ExportAsync(folder.New("none"), folder.New("t.csv")));
        await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => SynthesisJournal.ImportAsync(folder.New("j"), folder.New("none.csv")));
        StringAssert.Contains((await Assert.ThrowsAsync<ArgumentException>(
            () => SynthesisJournal.ExportAsync(folder.New("j"), folder.New("t.parquet")))).Message, ".parquet");
    }

    private static List<object[]> Query(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<object[]> rows = [];
        while (reader.Read())
        {
            object[] row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [TestMethod]
    public async Task An_imported_sentence_does_not_keep_its_neighbours_from_being_asked_for_together()
    {
        using var folder = new TemporaryFolder();
        string[] sentences = Synthesis.Sentences(20);
        string file = folder.New("triplets.jsonl");
        await File.WriteAllTextAsync(file, $$"""{"anchor":"{{sentences[0]}}","positives":["a positive"],"negatives":["a negative"]}""");
        var options = Synthesis.Options(folder) with { SentencesPerRequest = 10 };
        await SynthesisJournal.ImportAsync(options.JournalPath!, file);
        var client = new FakeChatClient(r => r.Sentence is not null ? r.GoodAnswer() : System.Text.Json.JsonSerializer.Serialize(new
        {
            results = r.Sentences.Select(
                (s, i) => new { id = i + 1, positives = new[] { FakeRequest.Positive(s) }, negatives = new[] { FakeRequest.Negative(s) } }),
        }));
        long expected;
        await using (var synthesizer = new TripletSynthesizer(client, options)) expected =
            (await synthesizer.EstimateAsync(sentences)).Requests;
        Assert.IsTrue((await Synthesis.RunAsync(client, options, sentences)).All(o => o.Example is not null));
        Assert.AreEqual((4L, 4), (expected, client.Calls));
    }

    [TestMethod]
    public void A_write_that_fails_says_that_the_journal_cannot_grow_and_what_is_kept()
    {
        // SQLITE_FULL; SQLITE_IOERR_WRITE, which is what a limit of file sizes gives.
        foreach (var (code, extended) in new[] { (13, 13), (10, 778) })
            StringAssert.Contains(JournalFile.Explain(new Microsoft.Data.Sqlite.SqliteException("disk I/O error", code, extended),
                "x.journal")!.Message, "What was written before is kept");
    }
}
