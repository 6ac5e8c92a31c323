using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>How many letters of each script a text has; a Han character counts as a word's worth.</summary>
internal sealed class ScriptCounts
{
    private const int HanWeight = 3, LatinScript = 1, HanScript = 2;

    private const double MainShare = 0.8;

    private readonly int[] _counts = new int[_blocks.Length + 2];

    /// <summary>All letters, weighed.</summary>
    public int Letters { get; private set; }

    /// <summary>Latin letters.</summary>
    public int Latin => _counts[LatinScript];

    /// <summary>Han characters, not weighed.</summary>
    public int Han { get; private set; }

    /// <summary>Hiragana and katakana.</summary>
    public int Kana { get; private set; }

    /// <summary>The script that is not Latin with the most letters.</summary>
    public int MostBesideLatin { get; private set; } = HanScript;

    /// <summary>The letters of a script, weighed.</summary>
    public int this[int script] => _counts[script];

    /// <summary>
    /// The script that nearly all letters are of; null if there is none, and for Han and kana, which words and letters cannot keep
    /// apart.
    /// </summary>
    public int? MainScript => Share(LatinScript) >= MainShare ? LatinScript : Share(MostBesideLatin) >= MainShare
        && MostBesideLatin != HanScript ? MostBesideLatin : null;

    /// <summary>Counts the letters of a text.</summary>
    public static ScriptCounts Of(string text)
    {
        var counts = new ScriptCounts();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune)) counts.Add(rune.Value);
        }
        for (int script = HanScript + 1; script < counts._counts.Length; script++)
        {
            if (counts._counts[script] > counts._counts[counts.MostBesideLatin]) counts.MostBesideLatin = script;
        }
        return counts;
    }

    /// <summary>The share of a script in all letters; 0 if there are none.</summary>
    public double Share(int script) => Letters == 0 ? 0 : (double)_counts[script] / Letters;

    private void Add(int c)
    {
        int script = Script(c), weight = 1;
        if (script == HanScript)
        {
            if (c is (>= 0x3040 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9F)) Kana++;
            else (Han, weight) = (Han + 1, HanWeight);
        }
        _counts[script] += weight;
        Letters += weight;
    }

    private static int Script(int c)
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            foreach (var (first, last) in _blocks[i])
            {
                if (c >= first && c <= last) return i + 1;
            }
        }
        return _blocks.Length + 1;
    }

    // Han and kana are one: Japanese mixes them.
    private static readonly (int First, int Last)[][] _blocks =
    [
        [(0x41, 0x24F), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFF21, 0xFF5A)],                                // Latin
        // Han, Hiragana, Katakana
        [(0x3005, 0x3007), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x3FFFF)],
        [(0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)],                                                // Cyrillic
        [(0x370, 0x3FF), (0x1F00, 0x1FFF)],                                                                                    // Greek
        [(0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)],                                  // Arabic
        [(0x590, 0x5FF), (0xFB1D, 0xFB4F)],                                                                                    // Hebrew
        [(0x900, 0x97F), (0xA8E0, 0xA8FF)],                                                                                    // Devanagari
        [(0xE00, 0xE7F)],                                                                                                      // Thai
        [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)],                                              // Hangul
        [(0x980, 0x9FF)], [(0xB80, 0xBFF)], [(0xC00, 0xC7F)],
            // Bengali, Tamil, Telugu
        [(0x530, 0x58F)], [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)], [(0x1200, 0x139F)],
            // Armenian, Georgian, Ethiopic
    ];
}
