using Microsoft.Data.Sqlite;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// The synthesize program killed with SIGKILL at random moments and run again: its triplets are those of a run that nobody disturbed.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class SynthesisKillCampaign
{
    private const int Concurrency = 16;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Campaign")]
    public Task Fifty_runs() => KillAsync(50, 300);

    [TestMethod]
    public Task Two_runs() => KillAsync(2, 60);

    private async Task KillAsync(int runs, int sentences)
    {
        using var folder = new TemporaryFolder();
        var good = new GoodAnswers();
        // A request's answer depends on its body alone, so that a reply lost at a kill comes again; faults come by chance, as they do.
        var random = new Random(11);
        await using var server = await ScriptedServer.StartAsync(request =>
        {
            var answer = good.Answer(request) with { Latency = TimeSpan.FromMilliseconds(15) };
            double fault;
            lock (random) fault = random.NextDouble();
            // Those that bring no reply: one that is rejected would be another draw, and so another text.
            if (fault < 0.03)
            {
                return TransportFaults.Make((TransportFault)((int)(fault * 500) % (int)TransportFault.NullContent), answer,
                    TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50));
            }
            return StableRandom.For("content", request.LastUser, request.SystemText).Next(10) == 0
                ? ServerBehavior.Reply("I'm sorry, but I can't help with that.", usage: answer.Usage) : answer;
        });
        string input = folder.New("sentences.txt");
        File.WriteAllLines(input, Synthesis.Sentences(sentences));
        string expected = folder.New("expected.csv");
        Assert.IsTrue(await RunAsync(folder, server, input, folder.New("j"), expected, null));
        int kills = 0;
        long lost = 0, repeated = 0;
        for (int run = 0; run < runs; run++)
        {
            var (journal, output) = (folder.New("j"), folder.New("out.csv"));
            await server.IdleAsync();
            long before = server.Requests;
            // The first kill may come while the process starts; each further one later.
            for (int delay = random.Next(200, 900); !await RunAsync(folder, server, input, journal, output,
                TimeSpan.FromMilliseconds(delay)); delay += random.Next(400)) kills++;
            await server.IdleAsync();
            CollectionAssert.AreEqual(File.ReadAllBytes(expected), File.ReadAllBytes(output), $"run {run}");
            var (rows, lostHere, repeatedHere, unfinished) = Count(journal);
            // A row is written before its request leaves: a kill between the two leaves one that the server never saw.
            Assert.IsInRange(server.Requests - before, server.Requests - before + lostHere, rows, $"run {run}: rows in the journal");
            Assert.AreEqual(0, unfinished);
            Assert.AreEqual(0, repeatedHere, "a reply that was read was asked for again");
            lost += lostHere;
            repeated += repeatedHere;
        }
        Assert.IsLessThanOrEqualTo(kills * (long)(Concurrency + Concurrency / 4), lost);
        TestContext.WriteLine($"{runs} runs of {sentences} sentences, {kills} kills: all triplets as without; {lost} requests in flight "
            + $"were lost, no read reply asked for again ({repeated})");
        Assert.IsGreaterThanOrEqualTo(runs / 2, kills);
    }

    private static (long Rows, long Lost, long Repeated, long Unfinished) Count(string journal)
    {
        using var connection = new SqliteConnection($"Data Source={journal};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT (SELECT COUNT(*) FROM request), (SELECT COUNT(*) FROM request WHERE state = 'lost'),
                (SELECT COUNT(*) FROM request WHERE state = 'sent'),
                (SELECT COUNT(*) FROM request a WHERE EXISTS (SELECT 1 FROM request b
                    WHERE b.key = a.key AND b.row < a.row AND b.state IN ('accepted', 'rejected')))
            """;
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(3), reader.GetInt64(2));
    }

    /// <summary>Runs the program; kills it after a while, if it has not ended. Whether it ended.</summary>
    private static async Task<bool> RunAsync(TemporaryFolder folder, ScriptedServer server, string input, string journal, string output,
        TimeSpan? kill)
    {
        bool killed = false;
        var surroundings = new SampleSurroundings
        {
            Environment = new Dictionary<string, string?> { ["OPENAI_API_KEY"] = ScriptedServer.DefaultKey },
            Meanwhile = async process =>
            {
                if (kill is null) return;
                using var time = new CancellationTokenSource(kill.Value);
                try
                {
                    await process.WaitForExitAsync(time.Token);
                }
                catch (OperationCanceledException)
                {
                    process.Kill();                                                                     // SIGKILL
                    killed = true;
                }
            },
        };
        var run = await SampleProcess.RunInAsync(folder, surroundings, "synthesize", "--input", input, "--endpoint",
            server.Endpoint.ToString(), "--model", "scripted-model",
            "--journal", journal, "--output", output, "--concurrency", $"{Concurrency}", "--timeout", "5");
        // The kill may come at the very moment of the end.
        if (!killed || run.ExitCode == 0) Assert.AreEqual(0, run.ExitCode, run.Error + run.Output);
        return run.ExitCode == 0;
    }
}
