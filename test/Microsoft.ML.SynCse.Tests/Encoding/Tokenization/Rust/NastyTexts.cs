using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Seeded texts of everything that tokenizers have got wrong.</summary>
internal static class NastyTexts
{
    private static readonly string[] _parts =
    [
        " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u2003", "\u3000", "\u0085", "\u2028", "\u200B", "\uFEFF", "\0", "\u0001", "\u001F",
            "\u007F", "\u009F", "\u00AD",
        "[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "<s>", "</s>", "<mask>", "<unk>", "<pad>", "<|endoftext|>", "<bos>", "[unused1]",
            "[MASK", "< s>", "<mask>.",
        "\u0301", "\u0323\u0301", "\u20DD", "\u0345", "\u0F71\u0F72", "\u302E", "\u3099", "\uFE0F", "\u200D", "\u1885", "\u08D4\u08E3",
        "\uF0B7", "\uE000", "\uF8FF", "\U000F1234", "\U0010FFFD", "\uFFFD", "\uFFFE", "\uFFFF",
        "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪🇫", "1️⃣", "😀", "🫠", "각", "한국어", "ᄀ\u1161\u11A8", "\u1161", "中文字", "漢", "\U00020000",
        "\u2F800", "日本", "カ\u3099", "ﾊﾟ", "ｱ",
        "हिन्दी", "क्ष", "தமிழ்", "ไทย", "မြန်မာ", "العَرَبِيَّة", "עברית", "ελληνικάς", "ΣΑΣ", "Русский", "ѐ", "İstanbul", "ıI", "ǅ", "ŉ",
            "ß", "ẞ", "ﬁ", "ﬃ", "Å", "Å", "é", "e\u0301", "Ệ", "ø",
        "½", "²", "Ⅷ", "①", "٣", "𝟘", "𝔘𝔫", "𐐀", "𞤀", "Ꟗ", "\u1C89", "ⓐ", "㋿", "㎏", "℡",
        "...", "…", "--", "—", "'s", "'S", "'ſ", "\u212A", "’s", "'ll", "n't", "\"", "«", "€5", "$1,000.50", "3.14", "1e-9",
        "the", "House", "THE", "ing", "of", "running", "un##able", "##", "a_b", "C++", "e-mail@x.org", "http://x.y/z?q=1&r=%20",
            "ab\u200Cc", "▁", "▁a", "Ġ", "x▁y", "\\", "`", "^", "~", "|",
    ];

    public static IEnumerable<string> Make(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (int left = random.Next(1, 14); left > 0; left--)
            {
                switch (random.Next(12))
                {
                    case 0:
                        text.Append(new string((char)random.Next('a', 'z' + 1), random.Next(1, 140)));
                        break;
                    case 1 or 2:
                        text.Append(AnyCharacter(random));
                        break;
                    default:
                        text.Append(_parts[random.Next(_parts.Length)]);
                        break;
                }
                if (random.Next(3) == 0) text.Append(' ');
            }
            yield return text.ToString();
        }
    }

    // Mostly from the blocks in use.
    private static string AnyCharacter(Random random)
    {
        while (true)
        {
            int value = random.Next(
                4) switch
            { 0 => random.Next(0x250), 1 => random.Next(0x3000), 2 => random.Next(0x10000), _ => random.Next(0x20000) };
            if (Rune.IsValid(value)) return char.ConvertFromUtf32(value);
        }
    }
}
