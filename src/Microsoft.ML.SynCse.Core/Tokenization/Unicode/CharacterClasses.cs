using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Unicode;

/// <summary>The classes of every character. They are needed several times for each character of a text, so the basic plane has a
/// table.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] _basicPlane = BasicPlane();

    public static CharacterClass Of(Rune rune) => rune.IsBmp ? _basicPlane[rune.Value] : Determine(rune);

    public static bool Is(Rune rune, CharacterClass any) => (Of(rune) & any) != 0;

    private static CharacterClass[] BasicPlane()
    {
        var classes = new CharacterClass[0x10000];
        for (int value = 0; value < classes.Length; value++)
            if (Rune.IsValid(value)) classes[value] = Determine(new Rune(value));
        return classes;
    }

    private static CharacterClass Determine(Rune rune)
    {
        var classes = Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter | CharacterClass.Word,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
                => CharacterClass.Number | CharacterClass.Numeric | CharacterClass.Word,
            UnicodeCategory.OtherNumber => CharacterClass.Number | CharacterClass.Numeric,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.ConnectorPunctuation => CharacterClass.Word,
            _ => CharacterClass.None,
        };
        classes |= UnicodeEight.CategoryOf(rune) switch
        {
            UnicodeCategory.NonSpacingMark => CharacterClass.NonSpacingMark,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
            UnicodeCategory.Format or UnicodeCategory.PrivateUse => CharacterClass.Dropped,
            UnicodeCategory.Control => rune.Value is '\t' or '\n' or '\r' ? CharacterClass.None : CharacterClass.Dropped,
            _ => CharacterClass.None,
        };
        // The numbers of Unicode 17.
        if (rune.Value is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6)) classes |= CharacterClass.Numeric;
        if (rune.Value == 0xFFFD) classes |= CharacterClass.Dropped;
        if (Rune.IsWhiteSpace(rune)) classes |= CharacterClass.WhiteSpace;
        if (IsChinese(rune.Value)) classes |= CharacterClass.Chinese;
        // The ASCII symbols count as punctuation too, as they did in BERT's first tokenizer.
        if (rune.Value is (> ' ' and < '0') or (> '9' and < 'A') or (> 'Z' and < 'a') or (> 'z' and < 0x7F))
            classes |= CharacterClass.Punctuation;
        if (IsOtherWord(rune.Value)) classes |= CharacterClass.Word;
        return classes;
    }

    // The ranges of BERT's own code, without 2B820 to 2B91F, which Hugging Face leaves out.
    private static bool IsChinese(int value) => value
        is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    // Joiners, and the circled and squared letters, which are alphabetic although they are symbols.
    private static bool IsOtherWord(int value)
        => value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}

/// <summary>The properties of a character that tokenizers need.</summary>
[Flags]
internal enum CharacterClass : ushort
{
    None = 0,

    /// <summary>Unicode's White_Space.</summary>
    WhiteSpace = 1,

    /// <summary>The characters that BERT's clean_text drops.</summary>
    Dropped = 2,

    /// <summary>The characters that BERT puts blanks around.</summary>
    Chinese = 4,

    /// <summary>ASCII punctuation and symbols, and the categories P*.</summary>
    Punctuation = 8,

    /// <summary>The category Mn.</summary>
    NonSpacingMark = 16,

    /// <summary>The categories L*.</summary>
    Letter = 32,

    /// <summary>The categories N*.</summary>
    Number = 64,

    /// <summary>\w of Rust's regular expressions.</summary>
    Word = 128,

    /// <summary>The categories N* of Rust itself, whose Unicode version is later than that of its regular expressions.</summary>
    Numeric = 256,
}
