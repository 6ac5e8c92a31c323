using Microsoft.ML.SynCse.Synthesis.Replies;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ReplyJsonTests
{
    [TestMethod]
    [DataRow("""{"sentence":"a b"}""", "a b")]
    [DataRow("```json\n{\"sentence\": \"a b\"}\n```", "a b")]
    [DataRow("Sure! {\"sentence\": \"a b\"} Is that right?", "a b")]
    [DataRow("""{"rewrite":"a b"}""", "a b")]
    [DataRow("""{"sentence":"a b","note":"c"}""", "a b")]
    [DataRow("\"a b\"", "a b")]
    [DataRow("a b", "a b")]
    [DataRow("", "")]
    [DataRow("""{"sentence":"a b" """, """{"sentence":"a b" """)]
    [DataRow("""{"error":"overloaded"}""", null)]
    [DataRow("""{"sentence":5}""", null)]
    [DataRow("""{"sentence":null}""", null)]
    [DataRow("""{"one":"a","two":"b"}""", null)]
    [DataRow("[1,2]", null)]
    [DataRow("null", null)]
    [DataRow("42", null)]
    [DataRow("""{"sentence":"half \ud83d"}""", null)]
    public void The_one_text_is_found_or_is_not(string reply, string? expected) => Assert.AreEqual(expected, ReplyJson.Text(reply));

    [TestMethod]
    public void Texts_of_several_sentences_are_found_by_id()
    {
        var results = ReplyJson.Several(
            """Here: {"results":[{"id":2,"positives":["a",7,"b"]},{"id":"3"},{"id":1,"negatives":["c"]},{"id":"""
            + """2,"positives":["late"]},{"id":4,"positives":"d"},5]}""");
        CollectionAssert.AreEquivalent(new[] { 1, 2, 4 }, results.Keys);
        CollectionAssert.AreEqual(new[] { "a", "b" }, results[2].Positives.ToArray());
        CollectionAssert.AreEqual(new[] { "c" }, results[1].Negatives.ToArray());
        Assert.IsEmpty(results[4].Positives);
        CollectionAssert.AreEqual(new[] { "x" }, ReplyJson.Several("""[{"id":1,"positives":["x"]}]""")[1].Positives.ToArray());
        foreach (string? broken in new[] { "", "no", "{}", "[]", """{"results":{}}""", """{"results":[{"id":99999999999}]}""",
            new string('[', 5000) }) Assert.IsEmpty(ReplyJson.Several(broken));
    }

    [TestMethod]
    public void Lists_and_scores_are_read_leniently_but_not_guessed()
    {
        CollectionAssert.AreEqual(new[] { "a", "b" }, ReplyJson.Sentences("""```{"sentences":["a","b",],}```""").ToArray());
        CollectionAssert.AreEqual(new[] { "a" }, ReplyJson.Sentences("""["a"]""").ToArray());
        Assert.IsEmpty(ReplyJson.Sentences("""{"other":["a"]}"""));
        Assert.AreEqual(3.5, ReplyJson.Score("""{"score":3.5}"""));
        foreach (string? none in new[] { "3", """{"score":6}""", """{"score":-1}""", """{"score":"3"}""", "{}", "" })
            Assert.IsNull(ReplyJson.Score(none), none);
    }

    private const string Good = """{"sentence":"a b"}""";

    [TestMethod]
    [DataRow("<think>\nThe form is {\"sentence\":\"...\"}, and [late] means delayed.\n</think>\n\n" + Good)]
    [DataRow("The form is {\"sentence\":\"x\"}.\n</think>\n" + Good)]
    [DataRow("<think>one {</think>" + "<think>two [</think>" + Good)]
    [DataRow("<THINK>Hm {\"sentence\":\"x\"}</Think>" + Good)]
    [DataRow("<thinking>{\"sentence\":\"x\"}</thinking>" + Good)]
    [DataRow("<reasoning>{\"sentence\":\"x\"}</reasoning>\n<answer>" + Good + "</answer>")]
    [DataRow("[THINK]{\"sentence\":\"x\"}[/THINK]" + Good)]
    [DataRow("\u25C1think\u25B7{\"sentence\":\"x\"}\u25C1/think\u25B7" + Good)]
    [DataRow("<seed:think>{\"sentence\":\"x\"}</seed:think>" + Good)]
    [DataRow("<|channel|>analysis<|message|>Write {\"sentence\":\"x\"}<|end|>"
        + "<|start|>assistant<|channel|>final <|constrain|>json<|message|>" + Good + "<|return|>")]
    [DataRow("analysisThe user wants {\"sentence\":\"x\"}assistantfinal" + Good)]
    [DataRow("<|START_THINKING|>{\"sentence\":\"x\"}<|END_THINKING|><|START_RESPONSE|>" + Good + "<|END_RESPONSE|>")]
    [DataRow("Here is the rewrite [as asked]:\n```json\n" + Good + "\n```\nTell me if you want other [options] or {braces}.")]
    [DataRow("{\"sentence\":\"first try\"}\nNo, better:\n" + Good)]
    [DataRow(Good + " I used the form {\"sentence\":\"...\"} as asked.")]
    [DataRow("I leave {braces \" open [ and " + Good)]
    [DataRow("~~~\n" + Good + "\n~~~")]
    [DataRow("{\"thought\":\"[x] {y}\",\"sentence\":\"a b\"}")]
    [DataRow("{\"answer\":{\"sentence\":\"a b\"}}")]
    [DataRow("[{\"sentence\":\"a b\"}]")]
    [DataRow("Answer:\n{\"rewrite\":\"a b\"}\nDone.")]
    [DataRow("{\"sentence\":\"a b\"}\n</s>")]
    [DataRow("<think>Short.</think>\na b")]
    [DataRow("<think>Short.</think>\n```text\na b\n```")]
    [DataRow("```\na b\n```")]
    [DataRow("<think>Hm.</think><answer>a b</answer><|im_end|>")]
    public void Reasoning_fences_and_prose_are_not_the_answer(string reply) => Assert.AreEqual("a b", ReplyJson.Text(reply));

    [TestMethod]
    [DataRow("Press [Enter] and then {Tab} to go on.")]
    [DataRow("He wrote {\"name\":\"x\"} into the file.")]
    [DataRow("The list [1, 2, 3] is sorted.")]
    [DataRow("Use the <b>bold</b> tag.")]
    [DataRow("{0} files were copied to [target].")]
    [DataRow("Analysis of the costs takes time.")]
    [DataRow("true love never dies")]
    public void A_plain_sentence_may_hold_brackets(string sentence) => Assert.AreEqual(sentence, ReplyJson.Text(sentence));

    [TestMethod]
    public void Strings_in_the_answer_are_taken_as_they_are()
    {
        Assert.AreEqual("a </think> b", ReplyJson.Text("""{"sentence":"a </think> b"}"""));
        Assert.AreEqual("a } \" ] b", ReplyJson.Text("""So [x]: {"sentence":"a } \" ] b"} ok"""));
        Assert.AreEqual("{\"sentence\":\"inner\"} is the form",
            ReplyJson.Text("""Here: {"sentence":"{\"sentence\":\"inner\"} is the form"}."""));
    }

    [TestMethod]
    public void All_readers_look_behind_the_reasoning_for_the_last_value_of_their_form()
    {
        const string Think = "Maybe {\"score\":1}, {\"sentences\":[\"no\"]} or "
            + "{\"results\":[{\"id\":1,\"positives\":[\"no\"]}]} [hm].\n</think>\nHere [it] is:\n";
        Assert.AreEqual(4.0, ReplyJson.Score(Think + "```json\n{\"score\":4}\n```\nBecause {they} match."));
        CollectionAssert.AreEqual(new[] { "a", "b" },
            ReplyJson.Sentences(Think + "{\"sentences\":[\"a\",\"b\"]}\nMore [\"options\"]?").ToArray());
        CollectionAssert.AreEqual(new[] { "x" }, ReplyJson.Several(Think
            + "{\"results\":[{\"id\":1,\"positives\":[\"x\"]}]} {done}")[1].Positives.ToArray());
        Assert.AreEqual(2.0, ReplyJson.Score("{\"score\":5} wait, {\"score\":2}"));
        Assert.IsNull(ReplyJson.Score("The score is [4] of {5}."));
    }

    [TestMethod]
    public void A_flood_of_brackets_costs_no_more_than_its_length()
    {
        string[] floods =
        [
            "{", "[", "[1,", "{\"a\":", "[\"", "[[[]", "[/*", "{}", "[1 2]", "\\\"[", "[1,[1,[1,[\"[\",", "<think>", "```",
            "{\"sentence\":", "[//",
        ];
        foreach (string flood in floods)
        {
            // The sender keeps 200,000 characters of a reply.
            string text = string.Concat(Enumerable.Repeat(flood, (flood.Length == 1 ? 1_000_000 : 200_000) / flood.Length));
            _ = ReplyJson.Text(text);
            _ = ReplyJson.Sentences(text);
            _ = ReplyJson.Score(text);
            _ = ReplyJson.Several(text);
            _ = ReplyAnswer.IsReasoningOnly(text);
        }
    }
}
