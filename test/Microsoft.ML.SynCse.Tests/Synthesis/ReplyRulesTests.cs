namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ReplyRulesTests
{
    [TestMethod]
    [DataRow("\"The parcel is late.\"", "The parcel is late.")]
    [DataRow("“The parcel is late.”", "The parcel is late.")]
    [DataRow("'I can't see it, it isn't here.'", "I can't see it, it isn't here.")]
    [DataRow("‘I can’t see it.’", "I can’t see it.")]
    [DataRow("\"\"\"The parcel is late.\"\"\"", "The parcel is late.")]
    [DataRow("**The parcel is late.**", "The parcel is late.")]
    [DataRow("***The parcel is late.***", "The parcel is late.")]
    [DataRow("`The parcel is late.`", "The parcel is late.")]
    [DataRow("1. The parcel is late.", "The parcel is late.")]
    [DataRow("(2) The parcel is late.", "The parcel is late.")]
    [DataRow("b) The parcel is late.", "The parcel is late.")]
    [DataRow("- The parcel is late.", "The parcel is late.")]
    [DataRow("• \"The parcel is late.\"", "The parcel is late.")]
    [DataRow("Paraphrase: The parcel is late.", "The parcel is late.")]
    [DataRow("**Answer:** \"The parcel is late.\"", "The parcel is late.")]
    [DataRow("**Answer**: **The parcel is late.**", "The parcel is late.")]
    [DataRow("Negative 2: The parcel is late.", "The parcel is late.")]
    [DataRow("Answer:\nThe parcel is late.", "The parcel is late.")]
    [DataRow("\uFEFF The\u200B parcel is\u00AD late.\u0000 \r\n", "The parcel is late.")]
    [DataRow("The  parcel   is late.", "The parcel is late.")]
    [DataRow("Le colis est tombe\u0301.", "Le colis est tombé.")]
    [DataRow("„Das Paket ist da.“", "Das Paket ist da.")]
    [DataRow("« Le colis est là. »", "Le colis est là.")]
    [DataRow("「荷物が届いた。」", "荷物が届いた。")]
    [DataRow("Antwort: Das Paket ist da.", "Das Paket ist da.")]
    [DataRow("答え：荷物が届いた。", "荷物が届いた。")]
    [DataRow("She said \"yes\" to him", "She said \"yes\" to him")]
    [DataRow("The so-called *expert* left", "The so-called *expert* left")]
    public void What_can_safely_be_taken_off_is_taken_off(string text, string expected)
    {
        string anchor = expected.Any(c => c > 0x2FFF) ? "品物はもうここにあります" : "Where has my delivery been all this time?";
        foreach (var role in Enum.GetValues<SynthesisRole>()) Assert.AreEqual((expected, null, null), Apply(anchor, text, role));
    }

    [TestMethod]
    [DataRow("\"Late again\"", "\"Too late\"")]
    [DataRow("1. Turn it off", "1. Switch it off")]
    [DataRow("- Milk and bread", "- Bread and milk are needed")]
    [DataRow("Answer: it depends on you", "Answer: that depends on you")]
    public void What_the_anchor_has_too_stays(string anchor, string text)
        => Assert.AreEqual((text, null, null), Apply(anchor, text, SynthesisRole.Positive));

    [TestMethod]
    [DataRow("empty", "   ")]
    [DataRow("empty", "...!")]
    [DataRow("empty", "N/A")]
    [DataRow("empty", "Paraphrase:")]
    [DataRow("empty", "12.")]
    [DataRow("broken-characters", "The parcel \uD83D is late.")]
    [DataRow("broken-characters", "The parcel \uFFFD is late.")]
    [DataRow("broken-characters", "The parcel \uE123 is late.")]
    [DataRow("broken-characters", "The parcel \uDBFF\uDFFE is late.")]
    [DataRow("broken-characters", "The par\u0093cel is late.")]
    [DataRow("broken-characters",
        "T\u0336h\u0336e\u0336 \u0336p\u0336a\u0336r\u0336c\u0336e\u0336l\u0336 \u0336i\u0336s\u0336 \u0336l\u0336a\u0336t\u0336e\u0336")]
    [DataRow("refusal", "I'm sorry, but I can't assist with that request.")]
    [DataRow("refusal", "Sorry, I can't do that.")]
    [DataRow("refusal", "I’m sorry, but I cannot help with that.")]
    [DataRow("refusal", "As an AI language model, I have no parcels.")]
    [DataRow("refusal", "I cannot rewrite this sentence.")]
    [DataRow("refusal", "It is against my guidelines to answer.")]
    [DataRow("refusal", "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.")]
    [DataRow("refusal", "Lo siento, pero no puedo ayudarte con eso.")]
    [DataRow("several-lines", "It is late.\nWhere is it?")]
    [DataRow("several-lines", "It is late.\u2028Where is it?")]
    [DataRow("several-lines", "1. It is late. 2. Where is it?")]
    [DataRow("several-lines", "- It is late. - Where is it?")]
    [DataRow("debris", "The parcel is late.\"}")]
    [DataRow("debris", "{\"sentence\": \"The parcel is late.")]
    [DataRow("debris", "The parcel is late.<|im_end|>")]
    [DataRow("debris", "The parcel is late.</s>")]
    [DataRow("debris", "<p>The parcel is late.")]
    [DataRow("debris", "The parcel is late. Assistant: Where is it?")]
    [DataRow("debris", "My order has not come. -> It is late.")]
    [DataRow("debris", "# The parcel is late.")]
    [DataRow("debris", "The **parcel** is late.")]
    [DataRow("debris", "The parcel&nbsp;is late.")]
    [DataRow("debris", "[INST] The parcel is late.")]
    [DataRow("explanation", "Sure! Here is a paraphrase: The parcel is late.")]
    [DataRow("explanation", "Sure! The parcel is late.")]
    [DataRow("explanation", "Here is the rewritten sentence: The parcel is late.")]
    [DataRow("explanation", "Here you go: The parcel is late.")]
    [DataRow("explanation", "The parcel is late. (Note: the meaning is the same.)")]
    [DataRow("explanation", "This sentence means that something is late.")]
    [DataRow("explanation", "The opposite of \"My order has not come.\" is \"My order has come.\"")]
    [DataRow("explanation", "A sentence with the opposite meaning: my order has come.")]
    [DataRow("question-back", "Which sentence do you mean?")]
    [DataRow("question-back", "How can I help you?")]
    [DataRow("question-back", "Please provide the sentence.")]
    [DataRow("script", "Мой заказ не пришёл.")]
    [DataRow("script", "我的订单没到。")]
    [DataRow("length", "My order has not come, and that although I have been waiting for it since the beginning of the month, when the "
        + "shop told me that it had left the warehouse at last.")]
    [DataRow("copy-of-input", "my order has NOT come!")]
    [DataRow("copy-of-input", "“My order has not come”")]
    [DataRow("copy-of-input", "My\u200B order has not\u00A0come")]
    [DataRow("copy-of-input", "Ｍｙ ｏｒｄｅｒ has not come.")]
    [DataRow("copy-of-input", "My order has not come! My order has not come.")]
    [DataRow("debris", "The parcel is late now, again. The parcel is late now, again.")]
    [DataRow("debris", "The parcel is late late late late late late")]
    [DataRow("debris", "The parcel is late. / It has not come yet.")]
    [DataRow("explanation", "Something like this would do: The parcel is late.")]
    [DataRow("refusal", "I will not generate that.")]
    [DataRow("exemplar-copied", "nobody came to the party")]
    [DataRow("same-as-positive", "the order is late!")]
    [DataRow("same-as-positive", "Order is late.")]
    [DataRow("duplicate", "My order came, yesterday.")]
    public void Each_rule_rejects_what_it_is_for(string rule, string text)
    {
        var candidate = new ReplyCandidate
        {
            Text = text,
            Role = SynthesisRole.Negative,
            Anchor = "My order has not come.",
            Positives = ["The order is late."],
            Siblings = ["My order came yesterday."],
            Exemplars = ["Nobody came to the party."],
        };
        var (passed, by, reason) = ReplyRules.Apply(ReplyRules.Default, candidate);
        Assert.AreEqual((null, rule), (passed, by));
        Assert.IsFalse(string.IsNullOrWhiteSpace(reason));
    }

    [TestMethod]
    [DataRow("Sorry, but I can't log in", "I'm sorry, but I can't assist with that request.")]
    [DataRow("Help, I can't open this!", "I'm sorry, but I can't help with that.")]
    [DataRow("Can you help me?", "How can I assist you?")]
    [DataRow("Which sentence is wrong?", "Would you like me to rewrite it?")]
    public void An_anchor_in_the_same_tone_does_not_let_talk_about_the_task_through(string anchor, string text)
    {
        foreach (var role in Enum.GetValues<SynthesisRole>()) Assert.IsNotNull(Apply(anchor, text, role).Rule);
    }

    [TestMethod]
    public void The_first_rule_in_order_is_the_one_named()
    {
        var candidate = new ReplyCandidate
        {
            Text = "",
            Role = SynthesisRole.Positive,
            Anchor = "A sentence of some length.",
            Truncated = true,
            Filtered = true,
        };
        Assert.AreEqual("truncated", ReplyRules.Apply(ReplyRules.Default, candidate).Rule);
        Assert.AreEqual("filtered", ReplyRules.Apply(ReplyRules.Default, candidate with { Truncated = false }).Rule);
        Assert.AreEqual("oversized", ReplyRules
            .Apply(ReplyRules.Default, candidate with { Text = new string('x', 100_000), Truncated = false, Filtered = false }).Rule);
        string[] names = ["truncated", "filtered", "oversized", "wrapping", "empty", "broken-characters", "refusal", "several-lines",
            "debris", "explanation", "question-back", "script", "length",
            "copy-of-input", "exemplar-copied", "same-as-positive", "duplicate", "language"];
        CollectionAssert.AreEqual(names, ReplyRules.Default.Select(r => r.Name).ToArray());
    }

    [TestMethod]
    public void A_copy_but_for_an_article_is_a_copy_only_as_a_negative()
    {
        Assert.IsNull(Apply("The dog bites a man.", "Dog bites man.", SynthesisRole.Positive).Rule);
        Assert.AreEqual("copy-of-input", Apply("The dog bites a man.", "Dog bites man.", SynthesisRole.Negative).Rule);
    }

    [TestMethod]
    public void A_positive_may_equal_no_other_positive_and_is_not_compared_with_itself_as_a_negative()
    {
        var candidate = new ReplyCandidate
        {
            Text = "Late it is.",
            Role = SynthesisRole.Positive,
            Anchor = "It is late.",
            Positives = ["Late it is."],
        };
        Assert.IsNull(ReplyRules.Apply(ReplyRules.Default, candidate).Rule);
        Assert.AreEqual("duplicate", ReplyRules.Apply(ReplyRules.Default, candidate with { Siblings = ["late it is"] }).Rule);
    }

    [TestMethod]
    public void Bounds_of_length_can_be_set_and_name_the_rule()
    {
        var rule = ReplyRules.Length(0.5, 1.5);
        Assert.AreEqual("length-0.5-1.5", rule.Name);
        var candidate = new ReplyCandidate { Text = new string('x', 40), Role = SynthesisRole.Positive, Anchor = new string('y', 100) };
        Assert.IsNull(ReplyRules.Length().Check(candidate).Reason);
        Assert.IsNull(rule.Check(candidate).Reason);
        Assert.IsNotNull(rule.Check(candidate with { Text = new string('x', 30) }).Reason);
        Assert.IsNotNull(rule.Check(candidate with { Text = new string('x', 195) }).Reason);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(-0.1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(double.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(0.1, 0.9));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReplyRules.Length(0.1, double.PositiveInfinity));
    }

    [TestMethod]
    public void A_rule_that_throws_is_named_and_the_sentence_is_not()
    {
        var candidate = new ReplyCandidate { Text = "secret text", Role = SynthesisRole.Positive, Anchor = "secret anchor" };
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ReplyRules.Apply([.. ReplyRules.Default, new ThrowingRule()], candidate));
        StringAssert.Contains(error.Message, "'throws'");
        Assert.IsFalse(error.Message.Contains("secret", StringComparison.Ordinal));
        Assert.IsInstanceOfType<FormatException>(error.InnerException);
    }

    [TestMethod]
    public void Each_rule_gets_the_text_that_the_one_before_it_left()
    {
        var candidate = new ReplyCandidate
        {
            Text = " \"The parcel is late.\" ",
            Role = SynthesisRole.Positive,
            Anchor = "The delivery takes long.",
        };
        Assert.AreEqual("THE PARCEL IS LATE.", ReplyRules.Apply([.. ReplyRules.Default, new UpperRule()], candidate).Text);
    }

    [TestMethod]
    public void Every_rule_alone_gives_a_verdict_on_any_text()
    {
        foreach (var reply in HostileReplies.Generate(3000, 11))
        {
            foreach (var rule in ReplyRules.Default)
            {
                var candidate = new ReplyCandidate
                {
                    Text = reply.Text,
                    Role = SynthesisRole.Negative,
                    Anchor = reply.Anchor,
                    Positives = [reply.Anchor],
                    Siblings = [""],
                    Exemplars = reply.Exemplars,
                };
                _ = rule.Check(candidate);
                // And the other way round, and with nothing to compare with.
                _ = rule.Check(candidate with { Text = reply.Anchor, Anchor = reply.Text, Positives = [reply.Text] });
                _ = rule.Check(candidate with { Anchor = "", Positives = [""] });
            }
        }
    }

    internal static (string? Text, string? Rule, string? Reason) Apply(string anchor, string text, SynthesisRole role,
        params string[] positives)
        => ReplyRules.Apply(ReplyRules.Default, new ReplyCandidate
        {
            Text = text,
            Role = role,
            Anchor = anchor,
            Positives = role == SynthesisRole.Negative ? positives : [],
        });

    private sealed class ThrowingRule : IReplyRule
    {
        public string Name => "throws";

        public ReplyVerdict Check(ReplyCandidate candidate) => throw new FormatException(candidate.Text);
    }

    private sealed class UpperRule : IReplyRule
    {
        public string Name => "upper";

        public ReplyVerdict Check(ReplyCandidate candidate) => ReplyVerdict.AcceptedAs(candidate.Text.ToUpperInvariant());
    }
}
