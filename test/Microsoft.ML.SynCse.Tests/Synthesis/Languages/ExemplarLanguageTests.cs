using Microsoft.ML.SynCse.Synthesis.Languages;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Exemplars in the sentence's language.</summary>
[TestClass]
public sealed class ExemplarLanguageTests
{
    [TestMethod]
    [DataRow("de", "Der Drucker im zweiten Stock zieht kein Papier mehr ein.")]
    [DataRow("fr", "L'imprimante du deuxième étage ne prend plus le papier.")]
    [DataRow("es", "La impresora del segundo piso ya no coge el papel.")]
    [DataRow("nl", "De printer op de tweede verdieping pakt geen papier meer.")]
    public void A_sentence_is_shown_those_of_its_language_first(string language, string sentence)
    {
        var own = PromptLibrary.Default.Positive.Exemplars.Concat(PromptLibrary.Default.Negative.Exemplars)
            .Where(e => e.Language == language).Select(e => e.Rewrite).ToHashSet();
        var factory = new RequestFactory(new(), "m");
        int shown = 0, all = 0;
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            for (int attempt = 0; attempt < 30; attempt++)
            {
                var answers = factory.Single(sentence, new(role, 0), attempt).ExemplarAnswers;
                Assert.HasCount(3, answers);
                Assert.IsTrue(own.Contains(answers[0]));
                shown += answers.Count(own.Contains);
                all += answers.Count;
            }
        }
        Assert.IsGreaterThan(0.9, (double)shown / all);
        Assert.IsGreaterThanOrEqualTo(4, factory.Group([sentence, sentence], 1, 1).ExemplarAnswers.Count(own.Contains));
    }

    [TestMethod]
    [DataRow("The parcel came two days late.", "D6F34EACFC68ADC23D3C5DA2C2825B61FF7A661CB9E07304304A7A64368D54A9",
        "090EBF1BFA76F14F02A23C61DBF55EA13D703D26C645E3F6A19E12948D80F6CE")]
    [DataRow("How do I reset my password?", "D5CC2121D329A3D5EE984B41FFF9E9DC8F82C99F8526C2DA6278B25BFB332BC0",
        "2B3557C34BE26D03769F97E8D4F5E52D8BEFBF009FA2AE82CD401D937A445444")]
    [DataRow("A little dog runs across the wet grass and barks at the gardener.",
        "41E827FA79CF5B9AF43CAA16D3A6746E484E7E02D76DC1A9A31E0CC4CF78B14B",
        "B8FC234A4BA7E54389156552B110CD187C6E8768D2181995FD4ECB87C1DA2F86")]
    [DataRow("Il treno per Milano parte alle sette dal binario quattro.",
        "DC4F7DB5B1FA3269078BDA593D4F48D66E3E441C8FF9FF131052771EBCC8C5C9",
        "40F973F0432A74DE093C63BFCC7385DA1DFC6DF89704D2EE6E8614E75C0B4709")]
    public void Sentences_of_other_languages_have_the_keys_of_before(string sentence, string positive, string negative)
    {
        // Written down by the version before exemplars had a language: journals of that time are still read.
        var factory = new RequestFactory(new(), "m-1");
        Assert.AreEqual(positive, Convert.ToHexString(factory.Single(sentence, new(SynthesisRole.Positive, 0), 0).Key));
        Assert.AreEqual(negative, Convert.ToHexString(factory.Single(sentence, new(SynthesisRole.Negative, 0), 1).Key));
    }

    [TestMethod]
    public void Groups_and_judges_have_the_keys_of_before()
    {
        var factory = new RequestFactory(new(), "m-1");
        Assert.AreEqual("B7E34B00320C8FB800AC57F4B72F38D8942662781BEAB560EF0249FAFD2B29F3",
            Convert.ToHexString(factory.Group(["The parcel came two days late.", "How do I reset my password?"], 1, 2).Key));
        Assert.AreEqual("19B29E386BB68DAB451B2E5EED9A476D63ADF990ADC9993AE6E71B107A6B4429",
            Convert.ToHexString(factory.Judge(new JudgeCheck(), "The parcel came two days late.", "It was late.", 0).Key));
    }

    [TestMethod]
    public void A_library_says_which_language_it_does_not_know()
    {
        var role = PromptLibrary.Default.Positive;
        var wrong = PromptLibrary.Default with { Positive = role with { Exemplars = [role.Exemplars[0] with { Language = "german" }] } };
        var error = Assert.ThrowsExactly<ArgumentException>(() => PromptLibraryValidator.Check(wrong));
        StringAssert.Contains(error.Message, "'german'");
        StringAssert.Contains(error.Message, role.Exemplars[0].Id);
        foreach (string? code in new[] { "de", "DE", "nb", "no" })
        {
            SynthesisExemplar exemplar = role.Exemplars[0] with { Language = code };
            PromptLibraryValidator.Check(PromptLibrary.Default with { Positive = role with { Exemplars = [exemplar] } });
        }
    }

    [TestMethod]
    public void Every_exemplar_with_a_language_is_in_it_and_each_prompt_has_some()
    {
        foreach (var role in Enum.GetValues<SynthesisRole>())
        {
            var prompts = PromptLibrary.Default.Of(role);
            foreach (var language in prompts.Exemplars.Where(e => e.Language is not null).GroupBy(e => e.Language!))
            {
                foreach (var exemplar in language)
                {
                    // Short ones say nothing; none says another language.
                    string? found = new SentenceLanguage(["de", "fr", "es", "nl"]).Of($"{exemplar.Sentence} {exemplar.Rewrite}");
                    Assert.AreEqual(language.Key, found ?? language.Key, exemplar.Id);
                }
                foreach (var prompt in prompts.Prompts) Assert.IsGreaterThanOrEqualTo(2, language.Count(e => e.Fits.Contains(prompt.Id)),
                    $"{language.Key} {prompt.Id}");
            }
        }
    }
}
