using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.ML.SynCse.Synthesis.Engine;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A journal goes on under another system than the one it was begun on.</summary>
[TestClass]
[DoNotParallelize]
public sealed class OptionsFingerprintTests
{
    [TestMethod]
    public void It_has_line_feeds_on_every_system()
    {
        var options = new TripletSynthesisOptions { Seed = 3, Temperature = 0.5f, MaxOutputTokens = 99 };
        CollectionAssert.AreEqual(Expected(options, "m", "\n"), OptionsFingerprint.Of(options, "m"));
        CollectionAssert.AreEqual(Expected(options, "m", "\r\n"), OptionsFingerprint.OfEarlierWindows(options, "m"));
        CollectionAssert.AreNotEqual(OptionsFingerprint.Of(options, "m"), OptionsFingerprint.OfEarlierWindows(options, "m"));
    }

    [TestMethod]
    [DataRow("de-DE")]
    [DataRow("tr-TR")]
    [DataRow("ar-SA")]
    [DataRow("fr-FR")]
    public void The_culture_changes_nothing(string culture)
    {
        var options = new TripletSynthesisOptions { Seed = -3, Temperature = 0.5f, TopP = 0.25f };
        byte[] before = OptionsFingerprint.Of(options, "m");
        var current = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            CollectionAssert.AreEqual(before, OptionsFingerprint.Of(options, "m"));
        }
        finally
        {
            CultureInfo.CurrentCulture = current;
        }
    }

    [TestMethod]
    public async Task A_journal_written_on_Windows_before_is_not_asked_again()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        string[] sentences = Synthesis.Sentences(4);
        var first = await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), options, sentences);
        string model = (string)Read(options.JournalPath!, "SELECT model FROM request LIMIT 1");
        CollectionAssert.AreEqual(OptionsFingerprint.Of(options, model),
            (byte[])Read(options.JournalPath!, "SELECT options_key FROM outcome LIMIT 1"));
        Read(options.JournalPath!, "UPDATE outcome SET options_key = $key RETURNING 1",
            OptionsFingerprint.OfEarlierWindows(options, model));

        var again = new FakeChatClient(r => r.GoodAnswer());
        CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(await Synthesis.RunAsync(again, options, sentences)));
        Assert.IsEmpty(again.Requests);
    }

    /// <summary>By hand in Python: the lines and the JSON that earlier versions hashed, with the line ends of either system.</summary>
    [TestMethod]
    [DataRow("\r\n", "AAD0763BF378E84C93696379D563D8EF451FC3C36D62DD15487281D0E7B65426")]
    [DataRow("\n", "D239BD17F4B20DA381B29809AEBC7FC546F07FE66EB6389ABC584DEE3B0AE2E2")]
    public void Rules_and_prompts_of_ones_own_have_the_keys_that_earlier_versions_gave_them(string system, string key)
    {
        using var generator = new LetterGenerator();
        var options = new TripletSynthesisOptions
        {
            Seed = 3,
            MaxAttempts = 2,
            ReplyFormat = ReplyFormat.JsonText,
            ExemplarsPerRequest = 0,
            Temperature = 0.5f,
            MaxOutputTokens = 99,
            Rules = [ReplyRules.Length(), new AnchorRule("x")],
            PairChecks = [new SimilarityGapCheck(generator)],
            PromptLibrary = Library,
        };
        byte[] found = system == "\n" ? OptionsFingerprint.Of(options, "m") : OptionsFingerprint.OfEarlierWindows(options, "m");
        Assert.AreEqual(key, Convert.ToHexString(found));
    }

    [TestMethod]
    public async Task A_journal_of_earlier_default_rules_and_prompts_from_Windows_is_decided_anew_by_the_replies_it_holds()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder);
        string[] sentences = Synthesis.Sentences(6);
        // The defaults of before: no rule on language, and no exemplars of one language.
        var earlier = options with
        {
            Rules = [.. ReplyRules.Default.Where(rule => rule.Name != "language")],
            PromptLibrary = PromptLibrary.Default with
            {
                Positive = WithoutLanguages(PromptLibrary.Default.Positive),
                Negative = WithoutLanguages(PromptLibrary.Default.Negative),
            },
        };
        var first = await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), earlier, sentences);
        string model = (string)Read(options.JournalPath!, "SELECT model FROM request LIMIT 1");
        Read(options.JournalPath!, "UPDATE outcome SET options_key = $key RETURNING 1",
            OptionsFingerprint.OfEarlierWindows(earlier, model));

        var (before, after) = (OptionsFingerprint.OfEarlierWindows(earlier, model), OptionsFingerprint.Of(options, model));
        foreach (var (now, key) in new[] { (earlier, before), (options, after) })
        {
            var again = new FakeChatClient(r => r.GoodAnswer());
            CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(await Synthesis.RunAsync(again, now, sentences)));
            Assert.IsEmpty(again.Requests);
            CollectionAssert.AreEqual(key, (byte[])Read(options.JournalPath!, "SELECT options_key FROM outcome LIMIT 1"));
        }
    }

    private static PromptLibrary Library => new()
    {
        Version = "mine 1",
        Frames = new()
        {
            Single = "Do it: {task}",
            Several = "Do them: {parts}",
            PositivePart = "{count} of {task}",
            NegativePart = "{count} not of {task}",
            Scratch = "{count} {genre} {topics}",
            Judge = "Judge.",
            JsonText = "Like {example}",
        },
        Positive = new()
        {
            Prompts = [new("p", "Say it's so.\nTwo lines, \u00E4.")],
            Exemplars = [new("e", "One.", "A single one.", ["p"])],
        },
        Negative = new() { Prompts = [new("n", "Say the contrary.")], Exemplars = [] },
        Genres = ["news"],
        Topics = ["rain", "sun"],
    };

    private static RolePrompts WithoutLanguages(RolePrompts role)
        => role with { Exemplars = [.. role.Exemplars.Where(exemplar => exemplar.Language is null)] };

    // As the library's first versions wrote it, with the line end of the system they ran on.
    private static byte[] Expected(TripletSynthesisOptions o, string? model, string lineEnd)
    {
        var text = new StringBuilder();
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"1|{model}|{o.Seed}|{o.MaxAttempts}|{o.ReplyFormat}|{o.ExemplarsPerRequest}|{o.OneRequestPerSentence}"));
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"|{o.SentencesPerRequest}|{o.PositivesPerSentence}|{o.NegativesPerSentence}|{o.Temperature}|{o.TopP}|{o.MaxOutputTokens}"))
                .Append(lineEnd);
        foreach (var rule in o.Rules) text.Append(rule.Name).Append(lineEnd);
        text.Append(JsonSerializer.Serialize(o.PromptLibrary, PromptJson.Default.PromptLibrary).ReplaceLineEndings(lineEnd));
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static object Read(string path, string sql, byte[]? key = null)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (key is not null) command.Parameters.AddWithValue("$key", key);
        return command.ExecuteScalar()!;
    }
}
