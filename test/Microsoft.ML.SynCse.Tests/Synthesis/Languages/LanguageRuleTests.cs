using System.Globalization;
using Microsoft.ML.SynCse.Synthesis.Languages;
using Microsoft.ML.SynCse.Synthesis.Rules;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A reply in another language of the same script.</summary>
[TestClass]
public sealed class LanguageRuleTests
{
    [TestMethod]
    [DataRow("Der Aufzug im dritten Stock ist seit gestern außer Betrieb.",
        "The elevator on the third floor has been out of order since yesterday.")]
    [DataRow("The elevator on the third floor has been out of order since yesterday.",
        "Der Aufzug im dritten Stock ist seit gestern außer Betrieb.")]
    [DataRow("Die Rechnung von Frau Lindner stimmt nicht, bitte prüfen Sie sie.", "Ms Lindner's invoice is wrong, please check it again.")]
    [DataRow("Je voudrais annuler ma commande avant qu'elle ne soit expédiée.", "I would like to cancel my order before it is shipped.")]
    [DataRow("De bezorger heeft het pakket bij de buren achtergelaten.", "The courier left the parcel with the neighbours next door.")]
    [DataRow("Ya no encuentro el correo con la contraseña nueva.", "I can no longer find the mail with the new password.")]
    [DataRow("Il treno per Torino parte alle sette dal binario quattro.", "The train to Turin leaves at seven from platform four.")]
    [DataRow("Tåget till Malmö blev inställt på grund av den kraftiga snön.",
        "The train to Malmo was cancelled because of the heavy snow.")]
    [DataRow("Zamówienie jeszcze nie dotarło, a czekam już dwa tygodnie.",
        "The order has not arrived yet although I have been waiting for two weeks.")]
    [DataRow("Завтра в нашем офисе не будет отопления до обеда.", "Утре в нашия офис няма да има отопление до обяд.")]
    public void An_answer_in_another_language_is_rejected(string anchor, string text)
    {
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            var (_, rule, reason) = ReplyRules.Apply(ReplyRules.Default, new() { Text = text, Role = role, Anchor = anchor });
            Assert.AreEqual("language", rule, text);
            Assert.AreEqual("another language than the input's", reason);
            Assert.IsNull(ReplyRules.Apply([.. ReplyRules.Default.Where(r => r.Name != "language")],
                new() { Text = text, Role = role, Anchor = anchor }).Rule);
        }
    }

    [TestMethod]
    // Short ones.
    [DataRow("Ja, gern.", "Yes, please.")]
    [DataRow("Der Server antwortet nicht.", "No response.")]
    [DataRow("Passwort vergessen", "Password reset")]
    // Mixed ones, loan words, names, code.
    [DataRow("Bitte den Pull Request im Feature Branch reviewen.", "Kannst du den Feature Branch reviewen und den Pull Request mergen?")]
    [DataRow("Das Meeting mit dem Sales Team startet um neun.", "Sales Team Meeting: Start um neun Uhr.")]
    [DataRow("Er sagte: \"I will be back before the end of the week.\"", "Er meinte, er sei vor dem Wochenende zurück.")]
    [DataRow("New York Times und Washington Post berichten darüber.", "Washington Post, New York Times und andere schreiben das.")]
    // One word decides nothing.
    [DataRow("The die was cast long before the war began.", "Long before the war started, the die had been cast.")]
    [DataRow("They will die if nobody waters the plants in time.", "The plants die unless somebody waters them in time.")]
    [DataRow("Was the gift under the tree for the old man?", "Had somebody put a gift for the old man under the tree?")]
    public void Short_and_mixed_texts_pass(string anchor, string text)
    {
        Assert.IsNull(new LanguageRule(LanguageRule.DefaultMargin)
            .Check(new() { Text = text, Role = SynthesisRole.Positive, Anchor = anchor }).Reason);
    }

    [TestMethod]
    [DataRow("fr")]
    [DataRow("nl")]
    [DataRow("es")]
    public void No_answer_in_the_sentence_s_own_language_is_rejected(string language)
    {
        var pairs = LanguagePairs.Of(language);
        Assert.HasCount(100, pairs);
        var rule = ReplyRules.Language();
        Assert.AreEqual("", string.Join('\n', pairs.Where(p => Rejects(rule, p.Anchor, p.Reply) || Rejects(rule, p.Reply, p.Anchor))
            .Select(p => $"{p.Anchor} | {p.Reply}")));
        // And of two sentences that have no word in common.
        Assert.AreEqual("", string.Join('\n', pairs.Zip(pairs.Skip(1)).Where(p => Rejects(rule, p.First.Anchor, p.Second.Reply))
            .Select(p => $"{p.First.Anchor} | {p.Second.Reply}")));
    }

    [TestMethod]
    public void The_verdict_is_the_same_in_every_culture_and_from_many_threads()
    {
        var pairs = LanguagePairs.Of("fr").Zip(LanguagePairs.Of("nl"), (f, n) => (f.Anchor, n.Reply)).Take(40).ToArray();
        var rule = ReplyRules.Language();
        bool[] expected = [.. pairs.Select(p => Rejects(rule, p.Anchor, p.Reply))];
        CollectionAssert.Contains(expected, true);
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (string? culture in new[] { "tr-TR", "ar-SA", "de-DE" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                CollectionAssert.AreEqual(expected, pairs.Select(p => Rejects(rule, p.Anchor, p.Reply)).ToArray(), culture);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        CollectionAssert.AreEqual(expected, pairs.AsParallel().AsOrdered().Select(p => Rejects(rule, p.Anchor, p.Reply)).ToArray());
    }

    [TestMethod]
    public void A_margin_can_be_set_and_names_the_rule()
    {
        Assert.AreEqual("language", ReplyRules.Language().Name);
        var strict = ReplyRules.Language(1000.5);
        Assert.AreEqual("language-1000.5", strict.Name);
        Assert.IsFalse(Rejects(strict, "Der Aufzug im dritten Stock ist außer Betrieb.",
            "The elevator on the third floor is out of order."));
        foreach (double wrong in new[] { 0, -1, double.NaN, double.PositiveInfinity }) Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => ReplyRules.Language(wrong));
    }

    [TestMethod]
    public void Missing_statistics_are_an_error_that_says_where_they_belong()
    {
        using var folder = new TemporaryFolder();
        string missing = folder.New("models");
        var error = Assert.ThrowsExactly<FileNotFoundException>(() => LanguageModels.Require(missing));
        StringAssert.Contains(error.Message, missing);
        StringAssert.Contains(error.Message, "Lingua/LanguageModels");
        LanguageModels.Require(new TripletSynthesisOptions());
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    public void Of_English_answers_to_German_captions_nearly_all_are_rejected()
    {
        var rows = ParallelSentences.Of("captions-en-de.tsv");
        var rule = ReplyRules.Language();
        foreach (var part in new[] { rows.Take(200), rows.Where((_, i) => i % (rows.Length / 200) == 0).Take(200), rows.TakeLast(200) })
        {
            int rejected = part.Count(r => Rejects(rule, r.German, r.English));
            Assert.IsGreaterThanOrEqualTo(190, rejected);
        }
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow("captions-en-de.tsv")]
    [DataRow("tatoeba-en-de.tsv")]
    public void At_most_one_in_a_thousand_sentences_is_taken_for_another_language(string file)
    {
        // Every twentieth; the campaign takes all.
        var rows = ParallelSentences.Of(file).Where((_, i) => i % 20 == 0).ToArray();
        var rule = ReplyRules.Language();
        foreach (string[] side in new[] { rows.Select(r => r.English).ToArray(), [.. rows.Select(r => r.German)] })
        {
            string[] rejected = side.Where((s, i) => Rejects(rule, side[(i + 1) % side.Length], s)).ToArray();
            Assert.IsLessThanOrEqualTo(side.Length / 1000.0, rejected.Length, string.Join('\n', rejected));
        }
    }

    internal static bool Rejects(IReplyRule rule, string anchor, string text)
        => rule.Check(new() { Text = text, Role = SynthesisRole.Positive, Anchor = anchor }).Reason is not null;
}
