using System.Diagnostics;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>How long long texts take; the limits are far above what a quiet machine needs.</summary>
[TestClass]
[TestCategory("Campaign")]
[DoNotParallelize]
public sealed class TokenizerSpeedCampaign
{
    [TestMethod]
    [DataRow("a")]
    [DataRow("a ")]
    [DataRow("<")]
    [DataRow("[CLS")]
    [DataRow("中")]
    [DataRow("é")]
    [DataRow("\uFFFE")]
    [DataRow("\u0301")]
    public void A_megabyte_takes_no_more_than_a_moment(string repeated)
    {
        string text = string.Concat(Enumerable.Repeat(repeated, (1 << 20) / repeated.Length));
        foreach (var tokenizer in TinyTokenizer.OfEachKind())
        {
            tokenizer.Encode("warm", 128, out _);
            var watch = Stopwatch.StartNew();
            tokenizer.Encode(text, 128, out _);
            Assert.IsLessThan(5.0, watch.Elapsed.TotalSeconds);
        }
    }

    [TestMethod]
    [DataRow("a")]
    [DataRow("any word ")]
    [DataRow("日本語")]
    [DataRow("e\u0301")]
    [DataRow("👩‍👩‍👧‍👦")]
    public void A_hundred_thousand_characters_take_less_than_a_second(string repeated)
    {
        var tokenizer = SentenceTokenizer.Load(
            new FolderFileSource(SharedFolder.Path("golden/architectures/xlm-roberta")), new TokenizerHints("xlm-roberta"));
        tokenizer.Encode("warm", 128, out _);
        var watch = Stopwatch.StartNew();
        int[] ids = tokenizer.Encode(
            string.Concat(Enumerable.Repeat(repeated, 100_000 / repeated.Length)), int.MaxValue, out bool truncated);
        Assert.IsLessThan(1.0, watch.Elapsed.TotalSeconds);
        Assert.IsFalse(truncated);
        Assert.IsGreaterThan(2, ids.Length);
    }
}
