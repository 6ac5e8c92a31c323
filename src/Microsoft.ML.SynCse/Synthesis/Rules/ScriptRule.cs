namespace Microsoft.ML.SynCse;

/// <summary>Turns down text in another writing than its anchor's: most of its letters are of another script. Names in Latin letters inside are fine.</summary>
internal sealed class ScriptRule : IReplyRule
{
    // Fewer letters than this say nothing.
    private const int FewLetters = 3;

    /// <inheritdoc/>
    public string Name => "script";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        if (System.Text.Ascii.IsValid(candidate.Text) && System.Text.Ascii.IsValid(candidate.Anchor)) return ReplyVerdict.Accepted;
        int anchor = Dominant(candidate.Anchor), text = Dominant(candidate.Text);
        return anchor == 0 || text == 0 || anchor == text ? ReplyVerdict.Accepted : ReplyVerdict.Rejected("another script than the input's");
    }

    private static int Dominant(string text)
    {
        Span<int> counts = stackalloc int[Scripts.Length + 2];
        int letters = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!System.Text.Rune.IsLetter(rune)) continue;
            letters++;
            counts[Script(rune.Value)]++;
        }
        if (letters < FewLetters) return 0;
        int best = 1;
        for (int i = 2; i < counts.Length; i++)
        {
            if (counts[i] > counts[best]) best = i;
        }
        // Without a majority there is no script that an answer could miss.
        return counts[best] * 2 > letters ? best : 0;
    }

    private static int Script(int c)
    {
        for (int i = 0; i < Scripts.Length; i++)
        {
            foreach (var (first, last) in Scripts[i])
            {
                if (c >= first && c <= last) return i + 1;
            }
        }
        return Scripts.Length + 1;
    }

    // Han and kana are one: Japanese mixes them, and a short Japanese sentence may be all Han.
    private static readonly (int First, int Last)[][] Scripts =
    [
        [(0x41, 0x24F), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFF21, 0xFF5A)],                                // Latin
        [(0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)],                                                // Cyrillic
        [(0x370, 0x3FF), (0x1F00, 0x1FFF)],                                                                                    // Greek
        [(0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)],                                  // Arabic
        [(0x590, 0x5FF), (0xFB1D, 0xFB4F)],                                                                                    // Hebrew
        [(0x900, 0x97F), (0xA8E0, 0xA8FF)],                                                                                    // Devanagari
        [(0xE00, 0xE7F)],                                                                                                      // Thai
        [(0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF)], // Han, Hiragana, Katakana
        [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)],                                              // Hangul
        [(0x980, 0x9FF)], [(0xB80, 0xBFF)], [(0xC00, 0xC7F)],                                                                  // Bengali, Tamil, Telugu
        [(0x530, 0x58F)], [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)], [(0x1200, 0x139F)],                          // Armenian, Georgian, Ethiopic
    ];
}
