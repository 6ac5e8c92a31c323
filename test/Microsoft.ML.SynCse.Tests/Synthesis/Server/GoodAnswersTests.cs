using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class GoodAnswersTests
{
    private static readonly GoodAnswers _answers = new();

    [TestMethod]
    [DataRow("The quick brown fox jumps over the lazy dog near the river.")]
    [DataRow("Hello there.")]
    [DataRow("Yes")]
    [DataRow("Быстрая лиса прыгает через ленивую собаку.")]
    [DataRow("我喜欢在周末去公园散步。")]
    [DataRow("今日はとても天気がいいですね。")]
    [DataRow("هذا كتاب جيد جدا للأطفال.")]
    [DataRow("👩‍👩‍👧 family 👍🏽")]
    [DataRow("")]
    public void An_answer_differs_from_the_sentence_and_from_the_answer_to_another_system_message(string sentence)
    {
        string positive = Sentence("Paraphrase.", sentence);
        string negative = Sentence("Contradict.", sentence);
        Assert.HasCount(3, new HashSet<string> { sentence, positive, negative });
        Assert.AreEqual(positive, Sentence("Paraphrase.", sentence));
        Assert.IsInRange(sentence.Length / 2, sentence.Length + 12, positive.Length);
    }

    [TestMethod]
    [DataRow("Быстрая лиса прыгает через ленивую собаку.", '\u0400', '\u04FF')]
    [DataRow("我喜欢在周末去公园散步。", '\u4E00', '\u9FFF')]
    [DataRow("나는 오늘 학교에 갔다.", '\uAC00', '\uD7A3')]
    public void An_answer_keeps_to_the_script(string sentence, char first, char last)
        => Assert.IsTrue(Sentence("Paraphrase.", sentence).Where(char.IsLetter).All(c => c >= first && c <= last));

    [TestMethod]
    public void Answers_to_ten_thousand_sentences_never_meet()
    {
        string[] sentences = Enumerable.Range(0, 10_000).Select(i => $"Sentence {i} of many.").ToArray();
        Assert.HasCount(20_000, sentences.SelectMany(s => new[] { AnswerSentence.Of("p", s), AnswerSentence.Of("n", s) }).Distinct());
    }

    [TestMethod]
    [DataRow("\"minItems\":2")]
    [DataRow("\"description\":\"minItems: 2\\nmaxItems: 2\"", DisplayName = "as the client words it for a strict schema")]
    public void Several_sentences_get_the_arrays_that_the_schema_asks_for(string limit)
    {
        string item = """{"type":"object","properties":{"id":{},"positives":{"type":"array",LIMIT,"items":{"type":"string"}}}}"""
            .Replace("LIMIT", limit);
        string schema = """{"type":"object","properties":{"results":{"type":"array","items":ITEM}}}""".Replace("ITEM", item);
        string user = """{"sentences":[{"id":7,"sentence":"One cat sat here."},{"id":9,"sentence":"Two dogs ran there."}]}""";
        var results = Reply(Request("s", user, schema)).GetProperty("results");
        CollectionAssert.AreEqual(new[] { 7, 9 }, results.EnumerateArray().Select(r => r.GetProperty("id").GetInt32()).ToArray());
        foreach (var result in results.EnumerateArray())
        {
            Assert.IsFalse(result.TryGetProperty("negatives", out _));
            Assert.HasCount(2, result.GetProperty("positives").EnumerateArray().Select(p => p.GetString()).Distinct());
        }
    }

    [TestMethod]
    public void Several_sentences_without_a_schema_get_one_positive_and_one_negative()
    {
        var result = Reply(Request("s", """{"sentences":[{"id":"a","sentence":"One cat sat here."}]}""")).GetProperty("results")[0];
        Assert.AreEqual("a", result.GetProperty("id").GetString());
        Assert.AreNotEqual(result.GetProperty("positives")[0].GetString(), result.GetProperty("negatives")[0].GetString());
    }

    [TestMethod]
    public void Scratch_sentences_all_differ_across_topics_unless_duplicates_are_asked_for()
    {
        string[] Scratch(GoodAnswers answers, int topic)
        {
            var request = Request("s", $$"""{"count":50,"genre":"news","topics":["topic {{topic}}","other"]}""");
            return [.. Reply(request, answers).GetProperty("sentences").EnumerateArray().Select(s => s.GetString()!)];
        }
        Assert.HasCount(1000, Enumerable.Range(0, 20).SelectMany(t => Scratch(_answers, t)).Distinct());
        CollectionAssert.AreEqual(Scratch(_answers, 1), Scratch(_answers, 1));
        var repeating = new GoodAnswers { DuplicateShare = 0.3 };
        Assert.IsInRange(600, 800, Enumerable.Range(0, 20).SelectMany(t => Scratch(repeating, t)).Distinct().Count());
        var nearly = new GoodAnswers { NearDuplicateShare = 0.3 };
        Assert.IsInRange(200, 400,
            Enumerable.Range(0, 20).SelectMany(t => Scratch(nearly, t)).Count(s => s.EndsWith(" again.", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void A_judge_gives_the_same_score_in_either_order()
    {
        int Score(string first, string second)
            => Reply(Request("s", $$"""{"first":"{{first}}","second":"{{second}}"}""")).GetProperty("score").GetInt32();
        Assert.AreEqual(Score("a", "b"), Score("b", "a"));
        Assert.HasCount(6, Enumerable.Range(0, 100).Select(i => Score("a", $"{i}")).Distinct());
    }

    [TestMethod]
    public void Usage_is_a_quarter_of_the_bytes_rounded_up()
    {
        var answer = _answers.Answer(Request("12345", """{"first":"é","second":""}"""));
        Assert.AreEqual(new TokenUsage(2 + 7, 3), answer.Usage);
    }

    private static string Sentence(string system, string sentence)
        => Reply(Request(system, JsonSerializer.Serialize(new { sentence }))).GetProperty("sentence").GetString()!;

    private static JsonElement Reply(ScriptedRequest request, GoodAnswers? answers = null)
        => JsonElement.Parse((answers ?? _answers).Answer(request).Text!);

    /// <summary>A request in the library's form.</summary>
    internal static ScriptedRequest Request(string system, string user, string? schema = null)
    {
        object[] messages = [new { role = "system", content = system }, new { role = "user", content = user }];
        var body = new Dictionary<string, object> { ["model"] = "m", ["messages"] = messages };
        if (schema is not null)
            body["response_format"] = new { type = "json_schema", json_schema = new { name = "a", schema = JsonElement.Parse(schema) } };
        return ScriptedRequest.Parse(1, null, JsonSerializer.SerializeToUtf8Bytes(body));
    }
}
