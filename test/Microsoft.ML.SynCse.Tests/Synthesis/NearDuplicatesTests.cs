using Microsoft.ML.SynCse.Synthesis.Scratch;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class NearDuplicatesTests
{
    [TestMethod]
    public void Equal_but_for_case_and_punctuation_is_equal()
    {
        var known = new NearDuplicates(1);
        Assert.IsTrue(known.Add("The parcel is late, again!"));
        Assert.IsFalse(known.Add("the  parcel is late again"));
        Assert.IsTrue(known.Add("the parcel is late"));
        Assert.IsTrue(known.Add("荷物がまだ届きません。"));
        Assert.IsFalse(known.Add("荷物がまだ届きません"));
        Assert.IsTrue(known.Add("📦"));
        Assert.IsTrue(known.Add("📮"));
    }

    [TestMethod]
    public void Nearly_equal_sentences_are_found_and_others_are_not()
    {
        string[] words = [.. File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "src", "SynCse.Samples", "Data",
            "support-triplets.csv")).Split([' ', ',', '\n', '"'], StringSplitOptions.RemoveEmptyEntries).Distinct()];
        var random = new Random(1);
        var known = new NearDuplicates(0.7);
        string[] Sentence() => [.. Enumerable.Range(0, 14).Select(_ => words[random.Next(words.Length)])];
        string[][] sentences = Enumerable.Range(0, 2000).Select(_ => Sentence()).ToArray();
        Assert.IsGreaterThan(1995, sentences.Count(s => known.Add(string.Join(' ', s))));
        // One short word more than before: still the same sentence.
        Assert.IsGreaterThan(1900, sentences.Count(s => !known.Add(string.Join(' ', [.. s, "x"]))));
        // Half of the words others: another sentence.
        Assert.IsGreaterThan(1990, sentences.Count(s => known.Add(string.Join(' ', [.. s[..7], .. Sentence()[..7]]))));
    }
}
