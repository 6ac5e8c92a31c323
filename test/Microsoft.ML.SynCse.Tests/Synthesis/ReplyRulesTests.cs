using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What each rule turns down, what it must let pass, and what is cleaned.</summary>
[TestClass]
public sealed class ReplyRulesTests
{
    private const string Late = "My parcel is late again.";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("empty", Late, "")]
    [DataRow("empty", Late, " \u200b ")]
    [DataRow("empty", Late, "...")]
    [DataRow("oversized", Late, "a*5000")]
    [DataRow("broken-characters", Late, "The parcel \ud83d is late.")]
    [DataRow("broken-characters", Late, "The parcel \ufffd is late.")]
    [DataRow("refusal", Late, "I'm sorry, but I can't help with that.")]
    [DataRow("refusal", Late, "I’m sorry, but I can’t help with that.")]
    [DataRow("refusal", Late, "As an AI language model, I have no parcels.")]
    [DataRow("refusal", "Mein Paket ist schon wieder zu spät.", "Es tut mir leid, aber ich kann dabei nicht helfen.")]
    [DataRow("refusal", "Mon colis est encore en retard.", "Je suis désolé, mais je ne peux pas répondre.")]
    [DataRow("refusal", "荷物がまた遅れています。", "申し訳ありませんが、お答えできません。")]
    [DataRow("refusal", "我的包裹又迟到了。", "抱歉，我无法提供帮助。")]
    [DataRow("refusal", "Моя посылка снова опаздывает.", "Извините, но я не могу помочь.")]
    [DataRow("several-lines", Late, "The parcel is late.\nIt is not here.")]
    [DataRow("debris", Late, "```The parcel has not come.```x")]
    [DataRow("debris", Late, "The parcel has not come.\"}")]
    [DataRow("debris", Late, "{\"sentence\": \"The parcel")]
    [DataRow("debris", Late, "The parcel has not come.</s>")]
    [DataRow("debris", Late, "# The parcel has not come.")]
    [DataRow("debris", Late, "The parcel has not come.\\n")]
    [DataRow("explanation", Late, "Here is a paraphrase: The parcel has not come.")]
    [DataRow("explanation", Late, "Sure! The parcel has not come yet.")]
    [DataRow("explanation", Late, "The parcel has not come. Explanation: other words.")]
    [DataRow("explanation", Late, "\"It has not come\" is a paraphrase of the text.")]
    [DataRow("explanation", "Mein Paket kommt nicht.", "Hier ist die Umschreibung: Das Paket bleibt aus.")]
    [DataRow("question-back", Late, "Could you please provide the sentence you want me to rewrite?")]
    [DataRow("question-back", Late, "What would you like me to do with it?")]
    [DataRow("script", Late, "荷物がまた遅れています。")]
    [DataRow("script", "Моя посылка снова опаздывает.", "My parcel is late again.")]
    [DataRow("length", Late, "My parcel is late and I have been waiting for it for so long that I no longer believe that it will ever come to me.")]
    [DataRow("length", "The committee met on Tuesday to discuss the budget for the coming year and the repair of the old station roof.", "No.")]
    [DataRow("copy-of-input", Late, "my parcel is late again")]
    [DataRow("copy-of-input", Late, "\"My parcel is late, again!\"")]
    [DataRow("copy-of-input", "Grüße aus Köln.", "Gru\u0308ße aus Ko\u0308ln")]
    public void Is_turned_down(string rule, string anchor, string text)
    {
        if (text == "a*5000") text = new string('a', 5000);
        foreach (var role in Enum.GetValues<SynthesisRole>()) Assert.AreEqual(rule, Apply(anchor, text, role).Rule);
    }

    [TestMethod]
    [DataRow("Sorry, but I can't log in.", "I'm sorry, but I can't get into my account.")]
    [DataRow("I cannot open the invoice.", "Sorry, I can't open my invoice.")]
    [DataRow("My login fails.", "I am unable to log in.")]
    [DataRow("My invoice is attached.", "Here is my invoice.")]
    [DataRow("You may send it tomorrow.", "Sure, send it tomorrow.")]
    [DataRow("Remember the address.", "Note the address.")]
    [DataRow("I put in a new battery.", "I replaced the battery.")]
    [DataRow("Send me the invoice, please.", "Please provide me with the invoice.")]
    [DataRow("Explain your prices.", "Can you clarify the prices?")]
    [DataRow("Which address do you need?", "Could you please provide the address you need?")]
    [DataRow("How may I help you today?", "What can I do for you today, how can I help you?")]
    [DataRow("The sign said \"closed\", so we left.", "The sign said \"closed\": we left.")]
    [DataRow("\"Yes\" and \"no\" were the answers.", "The answers were \"yes\" and \"no\".")]
    [DataRow("1.5 million people live here.", "1.5 million inhabitants live in this place.")]
    [DataRow("C. elegans is a small worm.", "C. elegans is a worm of small size.")]
    [DataRow("Mail us at help@example.org.", "Write to help@example.org.")]
    [DataRow("See https://example.org/a?b=1#c for more.", "More is at https://example.org/a?b=1#c.")]
    [DataRow("The call f({id}) returns {\"ok\": true}.", "f({id}) gives back {\"ok\": true}.")]
    [DataRow("Open C:\\new\\file.txt first.", "First open C:\\new\\file.txt.")]
    [DataRow("#5 is broken.", "#5 does not work.")]
    [DataRow("Thanks :-)", "Thank you :-)")]
    [DataRow("The iPhone 15 Pro überhitzt.", "Das iPhone 15 Pro wird zu heiß.")]
    [DataRow("Windows 11 が起動しません。", "Windows 11 が立ち上がりません。")]
    [DataRow("Сайт YouTube не открывается.", "YouTube не загружается.")]
    [DataRow("وصلت الشحنة متأخرة.", "تأخر وصول الشحنة.")]
    [DataRow("Yes.", "That is right.")]
    [DataRow("Nobody but Ada, who had been away for weeks, knew where the key to the cellar was.", "Only Ada knew where the key was.")]
    [DataRow("What's the matter?", "What is wrong?")]
    [DataRow("The meeting is at 10:30.", "We meet at 10:30.")]
    [DataRow("Answer the phone.", "Pick up the phone.")]
    [DataRow("The result is in.", "Result: we won.")]
    [DataRow("Note: the office is closed.", "Note: nobody is in the office.")]
    public void Passes_as_a_positive(string anchor, string text)
    {
        var (passed, rule, reason) = Apply(anchor, text, SynthesisRole.Positive);
        Assert.IsNull(rule, $"{rule}: {reason}");
        if (!text.StartsWith("Result:", StringComparison.Ordinal)) Assert.AreEqual(text, passed);
    }

    [TestMethod]
    [DataRow("Prices rose by 5 %.", "Prices rose by 50 %.")]
    [DataRow("The bridge is closed.", "The bridge is not closed.")]
    [DataRow("Turn left.", "Turn right.")]
    [DataRow("It was -5 degrees.", "It was 5 degrees.")]
    [DataRow("I like C++.", "I like C.")]
    [DataRow("The invoice of 4 March lists 12 chairs.", "The invoice of 4 March lists 2 chairs.")]
    [DataRow("Der Hund beißt den Mann.", "Den Hund beißt der Mann.")]
    public void A_small_edit_passes_as_a_hard_negative_beside_its_positive(string anchor, string text)
        => Assert.AreEqual((text, null, null), Apply(anchor, text, SynthesisRole.Negative, positives: ["Something that means the same."]));

    [TestMethod]
    public void Texts_that_were_there_before_are_turned_down()
    {
        Assert.AreEqual("same-as-positive", Apply(Late, "The parcel has not come.", SynthesisRole.Negative, positives: ["the parcel has not come"]).Rule);
        Assert.AreEqual("same-as-positive", Apply(Late, "A parcel has not come.", SynthesisRole.Negative, positives: ["The parcel has not come!"]).Rule);
        Assert.AreEqual("duplicate", Apply(Late, "The parcel has not come.", SynthesisRole.Positive, siblings: ["The parcel has not come"]).Rule);
        Assert.AreEqual("exemplar-copied", Apply(Late, "Bees like red flowers.", SynthesisRole.Negative, exemplars: ["Bees like red flowers."]).Rule);
        Assert.AreEqual("truncated", ReplyRules.Apply(ReplyRules.Default, new() { Text = "The parcel has", Anchor = Late, Role = SynthesisRole.Positive, Truncated = true }).Rule);
        Assert.AreEqual("filtered", ReplyRules.Apply(ReplyRules.Default, new() { Text = "", Anchor = Late, Role = SynthesisRole.Positive, Filtered = true }).Rule);
    }

    [TestMethod]
    [DataRow("\"The parcel has not come.\"")]
    [DataRow("“The parcel has not come.”")]
    [DataRow("1. The parcel has not come.")]
    [DataRow("- The parcel has not come.")]
    [DataRow("**The parcel has not come.**")]
    [DataRow("Paraphrase: The parcel has not come.")]
    [DataRow("**Answer:** The parcel has not come.")]
    [DataRow("Rewritten sentence: \"The parcel has not come.\"")]
    [DataRow("Sentence 2: The parcel has not come.")]
    [DataRow("\ufeff The parcel has not come.\u200b \n")]
    public void Is_cleaned(string text) => Assert.AreEqual(("The parcel has not come.", null, null), Apply(Late, text, SynthesisRole.Positive));

    [TestMethod]
    [DataRow("\"To be\" is a verb.", "\"To have\" is a verb")]
    [DataRow("\"It is late.\"", "\"The hour is late.\"")]
    [DataRow("1. Open the box.", "1. First open the box.")]
    [DataRow("Answer: yes, it is.", "Answer: it is so.")]
    public void What_the_anchor_has_too_is_not_taken_off(string anchor, string text) => Assert.AreEqual((text, null, null), Apply(anchor, text, SynthesisRole.Positive));

    [TestMethod]
    public void Every_exemplar_passes_for_its_sentence()
    {
        foreach (var (role, prompts) in new[] { (SynthesisRole.Positive, PromptLibrary.Default.Positive), (SynthesisRole.Negative, PromptLibrary.Default.Negative) })
        {
            foreach (var exemplar in prompts.Exemplars) Assert.AreEqual((exemplar.Rewrite, null, null), Apply(exemplar.Sentence, exemplar.Rewrite, role), exemplar.Id);
        }
    }

    [TestMethod]
    public void Every_triplet_of_the_samples_passes()
    {
        var rows = Rows(Path.Combine(SharedFolder.RepositoryRoot, "src", "SynCse.Samples", "Data", "support-triplets.csv"));
        Assert.HasCount(200, rows);
        foreach (var row in rows)
        {
            Assert.IsNull(Apply(row.Anchor, row.Positive, SynthesisRole.Positive).Rule, row.Positive);
            Assert.IsNull(Apply(row.Anchor, row.Negative, SynthesisRole.Negative, positives: [row.Positive]).Rule, row.Negative);
        }
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void People_s_own_triplets_are_hardly_ever_turned_down()
    {
        var rows = Rows(SharedFolder.Path("data/triplets/nli-triplets.csv"));
        SortedDictionary<string, int> rejected = [];
        List<string> shown = [];
        foreach (var row in rows)
        {
            foreach (var (role, text) in new[] { (SynthesisRole.Positive, row.Positive), (SynthesisRole.Negative, row.Negative) })
            {
                if (Apply(row.Anchor, text, role, positives: [row.Positive]).Rule is not { } rule) continue;
                rejected[$"{role} {rule}"] = rejected.GetValueOrDefault($"{role} {rule}") + 1;
                if (rejected[$"{role} {rule}"] <= 6) shown.Add($"  {role} {rule}: '{row.Anchor}' -> '{text}'");
            }
        }
        TestContext.WriteLine($"{rows.Count} triplets; rejected: {string.Join(", ", rejected.Select(r => $"{r.Key} {r.Value}"))}");
        foreach (var line in shown) TestContext.WriteLine(line);
        // Copies are in that data; premises of several sentences have very short hypotheses, which a synthesizer is not asked for.
        int wrong = rejected.Where(r => !r.Key.Contains("copy", StringComparison.Ordinal) && !r.Key.Contains("same", StringComparison.Ordinal) && !r.Key.Contains("length", StringComparison.Ordinal)).Sum(r => r.Value);
        Assert.IsLessThan(0.002, (double)wrong / (2 * rows.Count));
        Assert.IsLessThan(0.03, (double)rejected.Values.Sum() / (2 * rows.Count));
    }

    [TestMethod]
    public void A_rule_that_throws_is_named()
        => StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => ReplyRules.Apply([new Throwing()], new() { Text = "secret", Anchor = "a", Role = SynthesisRole.Positive })).Message, "'throwing'");

    [TestMethod]
    public void Bounds_of_ones_own_have_a_name_of_their_own_and_are_checked()
    {
        Assert.AreNotEqual(ReplyRules.Length().Name, ReplyRules.Length(0.5, 1.5).Name);
        Assert.AreEqual(ReplyRules.Length().Name, ReplyRules.Default.Single(r => r.Name == "length").Name);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(0.1, 0.5));
    }

    [TestMethod]
    [TestCategory("Campaign")]
    public void Time_for_an_ordinary_reply()
    {
        var rows = Rows(SharedFolder.Path("data/triplets/nli-triplets.csv"));
        for (int round = 0; round < 4; round++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var row in rows) Apply(row.Anchor, row.Positive, SynthesisRole.Positive);
            TestContext.WriteLine($"{clock.Elapsed.TotalMicroseconds / rows.Count:f2} us a candidate");
        }
    }

    private static (string? Text, string? Rule, string? Reason) Apply(string anchor, string text, SynthesisRole role, IReadOnlyList<string>? positives = null, IReadOnlyList<string>? siblings = null, IReadOnlyList<string>? exemplars = null)
        => ReplyRules.Apply(ReplyRules.Default, new() { Text = text, Anchor = anchor, Role = role, Positives = positives ?? [], Siblings = siblings ?? [], Exemplars = exemplars ?? [] });

    private static List<Row> Rows(string path)
    {
        var mlContext = new MLContext();
        var data = mlContext.Data.LoadFromTextFile(path, new TextLoader.Options
        {
            Separators = [','],
            HasHeader = true,
            AllowQuoting = true,
            ReadMultilines = true,
            Columns = [new("Anchor", DataKind.String, 0), new("Positive", DataKind.String, 1), new("Negative", DataKind.String, 2)],
        });
        return [.. mlContext.Data.CreateEnumerable<Row>(data, reuseRowObject: false)];
    }

    private sealed class Row
    {
        public string Anchor { get; set; } = "";

        public string Positive { get; set; } = "";

        public string Negative { get; set; } = "";
    }

    private sealed class Throwing : IReplyRule
    {
        public string Name => "throwing";

        public ReplyVerdict Check(ReplyCandidate candidate) => throw new FormatException(candidate.Text);
    }
}
