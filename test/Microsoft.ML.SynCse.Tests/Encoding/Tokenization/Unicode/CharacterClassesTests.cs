using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class CharacterClassesTests
{
    [TestMethod]
    [DataRow(0x2E42, "Punctuation", true, DisplayName = "of Unicode 7")]
    [DataRow(0x2E43, "Punctuation", false, DisplayName = "of Unicode 9")]
    [DataRow(0x2E5D, "Punctuation", false, DisplayName = "of Unicode 14")]
    [DataRow(0x166D, "Punctuation", true, DisplayName = "a symbol since Unicode 12")]
    [DataRow('+', "Punctuation", true, DisplayName = "an ASCII symbol")]
    [DataRow(0xD7, "Punctuation", false, DisplayName = "a symbol beyond ASCII")]
    [DataRow(0xE000, "Dropped", true, DisplayName = "the first of the private use")]
    [DataRow(0xE001, "Dropped", true, DisplayName = "the second of the private use")]
    [DataRow(0xF0B7, "Dropped", true, DisplayName = "the bullet of Word's Symbol font")]
    [DataRow(0xF8FE, "Dropped", true, DisplayName = "the last but one of the private use")]
    [DataRow(0xF1234, "Dropped", true, DisplayName = "private use in plane 15")]
    [DataRow(0x10FFFC, "Dropped", true, DisplayName = "private use in plane 16")]
    [DataRow(0xFFFFE, "Dropped", false, DisplayName = "no character")]
    [DataRow(0x1885, "NonSpacingMark", false, DisplayName = "a mark that was a letter")]
    [DataRow(0x1886, "NonSpacingMark", false, DisplayName = "its neighbour")]
    [DataRow(0x11DE0, "Numeric", true, DisplayName = "a digit of Unicode 17")]
    [DataRow(0x200B, "Dropped", true, DisplayName = "zero width space")]
    [DataRow(0xD7FF, "Dropped", false, DisplayName = "unassigned")]
    [DataRow(0x85, "Dropped, WhiteSpace", true, DisplayName = "next line")]
    [DataRow(0x1734, "NonSpacingMark", true, DisplayName = "a spacing mark since Unicode 14")]
    [DataRow(0x2B820, "Chinese", false, DisplayName = "left out by Hugging Face")]
    [DataRow(0x2B920, "Chinese", true, DisplayName = "the rest of that block")]
    public void BERT_sees_what_its_list_of_Unicode_8_says(int value, string names, bool expected)
    {
        var classes = Enum.Parse<CharacterClass>(names);
        Assert.AreEqual(expected, (CharacterClasses.Of(new Rune(value)) & classes) == classes);
    }
}
