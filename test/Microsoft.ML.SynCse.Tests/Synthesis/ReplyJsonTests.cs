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
        var results = ReplyJson.Several("""Here: {"results":[{"id":2,"positives":["a",7,"b"]},{"id":"3"},{"id":1,"negatives":["c"]},{"id":2,"positives":["late"]},{"id":4,"positives":"d"},5]}""");
        CollectionAssert.AreEquivalent(new[] { 1, 2, 4 }, results.Keys);
        CollectionAssert.AreEqual(new[] { "a", "b" }, results[2].Positives.ToArray());
        CollectionAssert.AreEqual(new[] { "c" }, results[1].Negatives.ToArray());
        Assert.IsEmpty(results[4].Positives);
        CollectionAssert.AreEqual(new[] { "x" }, ReplyJson.Several("""[{"id":1,"positives":["x"]}]""")[1].Positives.ToArray());
        foreach (var broken in new[] { "", "no", "{}", "[]", """{"results":{}}""", """{"results":[{"id":99999999999}]}""", new string('[', 5000) }) Assert.IsEmpty(ReplyJson.Several(broken));
    }

    [TestMethod]
    public void Lists_and_scores_are_read_leniently_but_not_guessed()
    {
        CollectionAssert.AreEqual(new[] { "a", "b" }, ReplyJson.Sentences("""```{"sentences":["a","b",],}```""").ToArray());
        CollectionAssert.AreEqual(new[] { "a" }, ReplyJson.Sentences("""["a"]""").ToArray());
        Assert.IsEmpty(ReplyJson.Sentences("""{"other":["a"]}"""));
        Assert.AreEqual(3.5, ReplyJson.Score("""{"score":3.5}"""));
        foreach (var none in new[] { "3", """{"score":6}""", """{"score":-1}""", """{"score":"3"}""", "{}", "" }) Assert.IsNull(ReplyJson.Score(none), none);
    }
}
