using System.Collections.Concurrent;
using System.Text;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SynthesizeCommandTests
{
    private const string KeyVariable = "OPENAI_API_KEY", AzureKeyVariable = "AZURE_OPENAI_API_KEY";

    private static readonly string[] _sentences =
    [
        "My parcel was due on Monday and it still is not here.", "The lamp flickers whenever I touch the switch.",
        "How do I return a table that is too big?", "I was charged twice for one and the same order.",
        "Can I change the delivery address after ordering?", "The blue chairs, \"all four\", came without screws.",
        "Please send the invoice to our office in Leeds.", "Is the oak shelf going to be in stock again soon?",
        "The voucher from your newsletter is not accepted.", "Somebody else's name is printed on my delivery note.",
        "I would like to delete my account and all my data.", "Two of the six plates were broken when they arrived.",
    ];

    [TestMethod]
    public async Task A_file_of_sentences_becomes_a_csv_that_tune_reads_and_a_second_run_asks_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        var (input, output) = (WriteSentences(folder), folder.New("t.csv"));
        string[] arguments = ["--input", input, .. At(server), "--output", output, "--price-input", "1000", "--price-output", "2000"];
        var run = await SucceedAsync(folder, arguments);
        Assert.AreEqual(24, server.Requests);
        StringAssert.Contains(run.Output, $"12 triplets in {output}");
        foreach (string? words in new[] { "done: 12 of 12 (100 %)", "sentences accepted", "requests sent", "input tokens", "cost" })
            StringAssert.Contains(run.Output, words);
        Assert.AreEqual("", run.Error);
        byte[] bytes = File.ReadAllBytes(output);
        StringAssert.StartsWith(Encoding.UTF8.GetString(bytes), "anchor,positive,negative\n");
        StringAssert.Contains(Encoding.UTF8.GetString(bytes), "\"The blue chairs, \"\"all four\"\", came without screws.\",");

        await SucceedAsync(folder, arguments);
        Assert.AreEqual(24, server.Requests);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(output));

        string encoder = TinyEncoder.WriteFolder(folder);
        var tuned = await SampleProcess.SucceedAsync(
            folder, "tune", "--triplets", output, "--encoder", encoder, "--output", folder.New("model.zip"), "--batch-size", "4");
        StringAssert.Contains(tuned.Output, "3 steps on 12 rows");
    }

    [TestMethod]
    public async Task A_column_of_a_csv_file_and_standard_input_are_read()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        string table = folder.New("in.csv");
        File.WriteAllText(table, "id,message\n1,\"The lamp, the big one, flickers.\"\n2,\n3,Where is my parcel today?\n");
        await FailsAsync(folder, 1, "'id', 'message'", ["--input", table, .. At(server), "--output", folder.New("t.csv")]);
        await FailsAsync(
            folder, 1, "has no column 'text'", ["--input", table, "--column", "text", .. At(server), "--output", folder.New("t.csv")]);
        var run = await SucceedAsync(folder, ["--input", table, "--column", "message", .. At(server), "--output", folder.New("t.csv")]);
        StringAssert.Contains(run.Output, "2 triplets in");
        var piped = Surroundings() with { Input = "Where is my parcel today?\n\nThe lamp flickers.\n" };
        run = await RunAsync(folder, piped, ["--input", "-", .. At(server), "--output", folder.New("t.jsonl")]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "2 triplets in");
    }

    [TestMethod]
    public async Task An_estimate_needs_no_key_sends_nothing_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
            ["--input", WriteSentences(folder), "--model", "any", "--estimate", "--price-input", "1", "--price-output", "2"];
        var run = await RunAsync(folder, Surroundings(key: null), arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        foreach (string? words in new[] { "requests to send", "24", "cost", "nothing was sent" }) StringAssert.Contains(run.Output, words);
        run = await RunAsync(
            folder, Surroundings(key: null), "--scratch", "100", "--model", "any", "--estimate", "--output", folder.New("t.csv"));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Output, "205");                                // five lists, a hundred positives, a hundred negatives
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    [TestMethod]
    public async Task A_missing_key_and_wrong_arguments_are_told_in_one_line_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var (input, output) = (WriteSentences(folder), folder.New("t.csv"));
        string[] good = ["--input", input, "--output", output, "--model", "any"];
        await FailsAsync(folder, 1, $"set the environment variable {KeyVariable}", good, key: null);
        await FailsAsync(folder, 1, KeyVariable, [.. good, "--endpoint", "https://api.openai.com/v1"], key: null);
        await FailsAsync(folder, 1, AzureKeyVariable, [.. good, "--provider", "azure", "--endpoint", "https://example.invalid"], key: null);
        await FailsAsync(folder, 2, "'--endpoint' is required", [.. good, "--provider", "azure"]);
        await FailsAsync(folder, 2, "--key", [.. good, "--key", "sk-123"]);
        await FailsAsync(folder, 2, "'--model' is required", ["--input", input, "--output", output]);
        await FailsAsync(folder, 2, "'--output' is required", ["--input", input, "--model", "any"]);
        await FailsAsync(folder, 2, "either '--input' or '--scratch'", ["--output", output, "--model", "any"]);
        await FailsAsync(folder, 2, "either '--input' or '--scratch'", [.. good, "--scratch", "5"]);
        await FailsAsync(folder, 2, "belong to '--scratch'", [.. good, "--genres", input]);
        await FailsAsync(folder, 2, "http", [.. good, "--endpoint", "localhost:8000"]);
        await FailsAsync(folder, 2, "'--provider'", [.. good, "--provider", "other"]);
        await FailsAsync(folder, 1, "must end in .csv or .jsonl", ["--input", input, "--output", folder.New("t.txt"), "--model", "any"]);
        await FailsAsync(folder, 1, "There is no file", ["--input", folder.New("none.txt"), "--output", output, "--model", "any"]);
        await FailsAsync(folder, 1, "MaxConcurrency must be at least 1", [.. good, "--concurrency", "0"]);
        await FailsAsync(folder, 1, "--max-cost needs --price-input", [.. good, "--max-cost", "1"]);
        await FailsAsync(folder, 1, "--max-output-tokens", [.. good, "--max-total-output-tokens", "1"]);
        await FailsAsync(folder, 1, "There is no journal", ["--export", "--output", output]);
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Root));
    }

    [TestMethod]
    public async Task A_refused_key_is_one_line_that_says_what_to_do_and_the_key_is_nowhere()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        const string Refused = "sk-planted-KJ8s7Gq2mZ4xWv9T";
        string[] arguments = ["--input", WriteSentences(folder), .. At(server), "--output", folder.New("t.csv")];
        var run = await RunAsync(folder, Surroundings(Refused), arguments);
        Assert.AreEqual(1, run.ExitCode, run.Error);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        foreach (string? words in new[] { "http-401", "Check the API key", KeyVariable, "--export" }) StringAssert.Contains(
            run.ErrorLines[0], words);
        Assert.IsFalse(File.Exists(arguments[^1]));
        EnsureNowhere(folder, run, Refused);

        run = await SucceedAsync(folder, arguments);
        EnsureNowhere(folder, run, ScriptedServer.DefaultKey);
    }

    [TestMethod]
    public async Task Sentences_can_be_written_too()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        var (topics, output) = (folder.New("topics.txt"), folder.New("t.jsonl"));
        File.WriteAllText(topics, "lighthouses\nbeekeeping\n\ntrams\n");
        var run = await SucceedAsync(folder, ["--scratch", "5", "--topics", topics, .. At(server), "--output", output]);
        StringAssert.Contains(run.Output, "done: 5 of 5 (100 %)");
        string[] lines = File.ReadAllLines(output);
        Assert.HasCount(5, lines);
        foreach (string line in lines) StringAssert.Contains(line, "\"topic\":");
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public async Task An_interrupt_keeps_all_that_was_read_and_the_same_command_asks_only_for_the_rest()
    {
        const int Concurrency = 2;
        using var folder = new TemporaryFolder();
        var answers = new GoodAnswers();
        var latency = TimeSpan.FromMilliseconds(200);
        await using var server = await ScriptedServer.StartAsync(request => answers.Answer(request) with { Latency = latency });
        string output = folder.New("t.csv");
        string[] arguments = ["--input", WriteSentences(folder), .. At(server), "--output", output, "--concurrency", $"{Concurrency}"];
        long before = 0;
        var run = await RunAsync(folder, Surroundings() with
        {
            Meanwhile = async process =>
            {
                while (server.Requests < 8 && !process.HasExited) await Task.Delay(10);
                before = server.Requests;
                await ProcessInterrupt.SendAsync(process);
            },
        }, arguments);
        Assert.AreEqual(130, run.ExitCode, run.Error);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        foreach (string? words in new[] { "Everything read is in the journal", "same command", "--export" }) StringAssert.Contains(
            run.ErrorLines[0], words);
        Assert.IsFalse(File.Exists(output));
        Assert.IsLessThanOrEqualTo(before + 4 * Concurrency, server.Requests, "requests that were sent after the interrupt");

        latency = TimeSpan.Zero;
        StringAssert.Contains((await SucceedAsync(folder, arguments)).Output, "12 triplets in");
        Assert.IsLessThanOrEqualTo(24 + Concurrency, server.Requests, "only what was under way may be asked for again");
    }

    [TestMethod]
    public async Task A_limit_ends_the_run_and_what_is_there_can_be_written_out_without_sending()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ScriptedServer.StartAsync(new GoodAnswers().Answer);
        string output = folder.New("t.csv");
        string[] arguments = ["--input", WriteSentences(folder), .. At(server), "--output", output, "--one-request", "--max-requests", "6"];
        await FailsAsync(folder, 1, "MaxRequests = 6", arguments);
        Assert.AreEqual(6, server.Requests);
        Assert.IsFalse(File.Exists(output));
        var run = await RunAsync(folder, Surroundings(key: null), [.. arguments, "--export"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.HasCount(7, File.ReadAllLines(output));
        Assert.AreEqual(6, server.Requests);
    }

    [TestMethod]
    public async Task Json_in_words_several_texts_and_pair_checks_reach_the_requests()
    {
        using var folder = new TemporaryFolder();
        ConcurrentQueue<ScriptedRequest> requests = new();
        var answers = new GoodAnswers { Judge = (_, _) => 3 };                   // a gap of 0 that the judge rejects
        await using var server = await ScriptedServer.StartAsync(request =>
        {
            requests.Enqueue(request);
            return answers.Answer(request);
        });
        string input = folder.New("one.txt");
        File.WriteAllText(input, _sentences[0]);
        string output = folder.New("t.csv");
        await SucceedAsync(folder, ["--input", input, .. At(server), "--output", output, "--json-text", "--negatives", "2",
            "--temperature", "0.5", "--top-p", "0.9", "--max-output-tokens", "77"]);
        StringAssert.StartsWith(File.ReadAllText(output), "anchor,positive,negative_1,negative_2\n");
        foreach (var request in requests)
            Assert.AreEqual(("text", 0.5, 0.9, 77), (request.ResponseFormat, request.Temperature, request.TopP, request.MaxTokens));

        // Neither the judge nor an encoder with random weights finds the positive nearer than the hard negative.
        string[] similarity = ["--similarity", "--encoder", TinyEncoder.WriteFolder(folder)];
        foreach (var (check, rule) in new[] { (["--judge"], "pair-judge"), (similarity, "pair-similarity") })
        {
            var run = await RunAsync(folder, Surroundings(), ["--input", input, .. At(server), "--output", folder.New("t.csv"), .. check]);
            Assert.AreEqual(1, run.ExitCode, run.Error + run.Output);
            StringAssert.Contains(run.Error, "No sentence has all its texts");
            StringAssert.Contains(run.Output, rule);
        }
    }

    [TestMethod]
    public async Task Azure_and_Ollama_are_asked_at_their_addresses_in_their_forms()
    {
        using var folder = new TemporaryFolder();
        using var server = new OtherChatServer();
        string input = WriteSentences(folder);
        foreach (var (provider, path, key) in new[]
            { ("azure", "/openai/deployments/some-model/chat/completions", "azure-key-1"), ("ollama", "/api/chat", null) })
        {
            server.Requests.Clear();
            var run = await RunAsync(
                folder, Surroundings() with { Environment = new Dictionary<string, string?> { [AzureKeyVariable] = key } },
                "--input", input, "--provider", provider, "--endpoint", server.Address, "--model", "some-model", "--output",
                    folder.New("t.csv"));
            Assert.AreEqual(0, run.ExitCode, run.Error + run.Output);
            StringAssert.Contains(run.Output, "12 triplets in");
            Assert.HasCount(24, server.Requests);
            foreach (var request in server.Requests) Assert.AreEqual((path, key), (request.Path.Split('?')[0], request.Key));
        }
    }

    [TestMethod]
    public async Task The_hosted_sample_does_the_same_with_faults_repeated_by_the_synthesizer_alone()
    {
        using var folder = new TemporaryFolder();
        var answers = new GoodAnswers();
        await using var server = await ScriptedServer.StartAsync(
            request => request.Ordinal == 3 ? ServerBehavior.Status(500, null, "server_error", "Sorry.") : answers.Answer(request));
        string output = folder.New("t.csv");
        string[] arguments =
            ["synthesize-di", "--input", WriteSentences(folder), .. At(server), "--output", output, "--requests-per-minute", "6000"];
        var run = await SampleProcess.RunInAsync(folder, Surroundings(), arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error + run.Output);
        Assert.AreEqual(25, server.Requests);
        Assert.HasCount(13, File.ReadAllLines(output));
        StringAssert.Contains(run.Output, "A request failed (http-500)");
        StringAssert.Contains(run.Output, "without a reply: http-500");
        EnsureNowhere(folder, run, ScriptedServer.DefaultKey);
    }

    private static string[] At(ScriptedServer server) => ["--endpoint", server.Endpoint.ToString(), "--model", "some-model"];

    private static SampleSurroundings Surroundings(string? key = ScriptedServer.DefaultKey)
        => new() { Environment = new Dictionary<string, string?> { [KeyVariable] = key, [AzureKeyVariable] = null } };

    private static Task<SampleProcess> RunAsync(TemporaryFolder folder, SampleSurroundings surroundings, params string[] arguments)
        => SampleProcess.RunInAsync(folder, surroundings, ["synthesize", .. arguments]);

    private static async Task<SampleProcess> SucceedAsync(TemporaryFolder folder, string[] arguments)
    {
        var run = await RunAsync(folder, Surroundings(), arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error + run.Output);
        return run;
    }

    private static async Task FailsAsync(
        TemporaryFolder folder, int exitCode, string expected, string[] arguments, string? key = ScriptedServer.DefaultKey)
    {
        var run = await RunAsync(folder, Surroundings(key), arguments);
        Assert.AreEqual(exitCode, run.ExitCode, run.Error + run.Output);
        Assert.HasCount(1, run.ErrorLines, run.Error);
        StringAssert.Contains(run.ErrorLines[0], expected);
    }

    private static string WriteSentences(TemporaryFolder folder)
    {
        string path = folder.New("sentences.txt");
        File.WriteAllLines(path, _sentences);
        return path;
    }

    private static void EnsureNowhere(TemporaryFolder folder, SampleProcess run, string key)
    {
        Assert.IsFalse((run.Output + run.Error).Contains(key, StringComparison.Ordinal), "on the console");
        foreach (string file in Directory.GetFiles(folder.Root))
            Assert.IsLessThan(0, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(key)), file);
    }
}
