using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class LowerCaseTests
{
    [TestMethod]
    [DataRow("İI", "i\u0307i")]
    [DataRow("ΣΑΣ", "σασ")]
    [DataRow("ẞ Å Ω 𐐀 ǅ", "ß å ω 𐐨 ǆ")]
    public void Each_character_is_lower_cased_by_itself(string text, string lower) => Assert.AreEqual(lower, FullLowerCase.Of(text));

    [TestMethod]
    [DataRow("ΣΑΣ", "σας")]
    [DataRow("ΑΣ. Σ", "ας. σ")]
    [DataRow("ΑΣ'Α ΑΣ\u0301", "ασ'α ας\u0301")]
    [DataRow("İΣ", "i\u0307ς")]
    public void Python_ends_a_word_with_a_final_sigma(string text, string lower) => Assert.AreEqual(lower, PythonLowerCase.Of(text));
}
