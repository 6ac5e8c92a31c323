using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

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
        var before = OptionsFingerprint.Of(options, "m");
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
        var sentences = Synthesis.Sentences(4);
        var first = await Synthesis.RunAsync(new FakeChatClient(r => r.GoodAnswer()), options, sentences);
        var model = (string)Read(options.JournalPath!, "SELECT model FROM request LIMIT 1");
        CollectionAssert.AreEqual(OptionsFingerprint.Of(options, model),
            (byte[])Read(options.JournalPath!, "SELECT options_key FROM outcome LIMIT 1"));
        Read(options.JournalPath!, "UPDATE outcome SET options_key = $key RETURNING 1",
            OptionsFingerprint.OfEarlierWindows(options, model));

        var again = new FakeChatClient(r => r.GoodAnswer());
        CollectionAssert.AreEqual(Synthesis.Lines(first), Synthesis.Lines(await Synthesis.RunAsync(again, options, sentences)));
        Assert.IsEmpty(again.Requests);
    }

    // As the library's first versions wrote it, with the line end of the system they ran on.
    private static byte[] Expected(TripletSynthesisOptions o, string? model, string lineEnd)
    {
        var text = new StringBuilder();
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"1|{model}|{o.Seed}|{o.MaxAttempts}|{o.ReplyFormat}|{o.ExemplarsPerRequest}|{o.OneRequestPerSentence}"));
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"|{o.SentencesPerRequest}|{o.PositivesPerSentence}|{o.NegativesPerSentence}|{o.Temperature}|{o.TopP}|{o.MaxOutputTokens}")).Append(lineEnd);
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
