using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class CanonicalDecompositionTests
{
    [TestMethod]
    public void Every_character_decomposes_as_NET_has_it()
    {
        int decomposing = 0;
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (!Rune.IsValid(value) || CanonicalDecomposition.Of(new Rune(value)) is not { } decomposed) continue;
            Assert.AreEqual(new Rune(value).ToString().Normalize(NormalizationForm.FormD), decomposed, $"U+{value:X4}");
            decomposing++;
        }
        // UnicodeData.txt 15.1 and the Hangul syllables, but for U+11938, which is younger than Hugging Face's table.
        Assert.AreEqual(2060 + 11172, decomposing);
    }
}
