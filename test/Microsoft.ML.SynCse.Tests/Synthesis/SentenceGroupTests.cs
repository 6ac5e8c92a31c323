using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Several sentences in a request, and several texts of a sentence.</summary>
[TestClass]
public sealed class SentenceGroupTests
{
    [TestMethod]
    [DataRow(1, true, 2, 3)]
    [DataRow(4, true, 1, 1)]
    [DataRow(5, false, 2, 2)]
    [DataRow(3, false, 1, 0)]
    public async Task Groups_of_sentences_and_several_texts_fill_the_same_outcomes(int sentencesPerRequest, bool oneRequest, int positives,
        int negatives)
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with
        {
            SentencesPerRequest = sentencesPerRequest,
            OneRequestPerSentence = oneRequest,
            PositivesPerSentence = positives,
            NegativesPerSentence = negatives,
        };
        var client = new FakeChatClient(r => GroupAnswer(r, positives, negatives));
        string[] sentences = Synthesis.Sentences(22);
        var outcomes = await Synthesis.RunAsync(client, options, sentences);
        CollectionAssert.AreEqual(sentences, outcomes.Select(o => o.Anchor).ToArray());
        Assert.IsTrue(outcomes.All(o => o.Example!.Positives.Distinct().Count() == positives
            && o.Example.Negatives.Distinct().Count() == negatives));
        int groups = (22 + sentencesPerRequest - 1) / sentencesPerRequest;
        Assert.AreEqual(oneRequest || negatives == 0 ? groups : 2 * groups, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual(report.InputTokens, outcomes.Sum(o => o.InputTokens));
        Assert.IsTrue((await Synthesis.RunAsync(client, options, sentences)).All(o => o.FromJournal));
        Assert.AreEqual(report.Requests, client.Calls);
    }

    [TestMethod]
    public async Task What_a_groups_reply_lacks_or_spoils_is_asked_for_again_singly()
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { SentencesPerRequest = 4, OneRequestPerSentence = true };
        var client = new FakeChatClient(r => r.Sentence is null ? GroupAnswer(r, 1, 1, skip: 2, copy: 3) : r.GoodAnswer());
        var outcomes = await Synthesis.RunAsync(client, options, Synthesis.Sentences(8));
        Assert.IsTrue(outcomes.All(o => o.Example is not null));
        // Of each four: one missing in both roles, one whose negative is a copy.
        Assert.AreEqual(2 + 2 * 3, client.Calls);
        var report = await Synthesis.ReportAsync(options);
        Assert.AreEqual((4L, 2L), (report.RejectedTexts["missing"], report.RejectedTexts["copy-of-input"]));
        // Sentences put before the others shift all groups; nothing known is asked for again.
        int before = client.Calls;
        await Synthesis.RunAsync(client, options, [.. new[] { "Something new about invoices" }, .. Synthesis.Sentences(8)]);
        Assert.AreEqual(before + 2, client.Calls);
    }

    [TestMethod]
    public async Task Several_texts_of_a_sentence_must_differ()
    {
        var client = new FakeChatClient(r => r.IsNegative ? FakeRequest.Json($"{r.Number} {FakeRequest.Negative(r.Sentence!)}")
            : r.GoodAnswer());
        var outcomes = await Synthesis.RunAsync(client, new() { PositivesPerSentence = 2, NegativesPerSentence = 2 },
            Synthesis.Sentences(3));
        Assert.IsTrue(outcomes.All(o => o is { Example: null } && o.Why() == "positive 2: duplicate"));
    }

    private static string GroupAnswer(FakeRequest request, int positives, int negatives, int skip = -1, int copy = -1)
    {
        string schema = ((ChatResponseFormatJson)request.Options!.ResponseFormat!).Schema!.Value.GetRawText();
        var results = request.Sentences.Select((s, i) => (s, Id: i + 1)).Where(x => x.Id != skip).Select(x => new Dictionary<string, object>
        {
            ["id"] = x.Id,
            ["positives"] = Enumerable.Range(0, schema.Contains("positives", StringComparison.Ordinal) ? positives : 0)
                .Select(n => $"As {(char)('A' + n)} says, {FakeRequest.Positive(x.s)}").ToArray(),
            ["negatives"] = Enumerable.Range(0, schema.Contains("negatives", StringComparison.Ordinal) ? negatives : 0)
                .Select(n => x.Id == copy ? x.s : $"In case {(char)('A' + n)} {FakeRequest.Negative(x.s)}").ToArray(),
        });
        return JsonSerializer.Serialize(new { results });
    }
}
