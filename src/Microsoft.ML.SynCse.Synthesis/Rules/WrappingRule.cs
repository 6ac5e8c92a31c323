using System.Buffers;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>
/// Takes off what can be taken off safely: blanks, invisible characters, quotes or emphasis around the whole, one list mark, a label such
/// as "Paraphrase:".
/// </summary>
internal sealed class WrappingRule : IReplyRule
{
    // Wrappings in wrappings: a label before a quote before a list mark. No model puts more around one sentence.
    private const int MostLayers = 6;

    // After a label stands a sentence; "Result: negative" may be one as a whole.
    private const int ShortestLabelled = 12;

    private static readonly (string Open, string Close)[] _pairs =
    [
        ("\"\"\"", "\"\"\""), ("\"\"", "\"\""), ("\"", "\""), ("“", "”"), ("„", "“"), ("„", "”"), ("“", "\""), ("\"", "”"), ("”", "”"),
        ("＂", "＂"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"),
        ("‘", "’"), ("'", "'"), ("`", "`"), ("**", "**"), ("__", "__"), ("*", "*"), ("_", "_"), ("‹", "›"), ("（", "）"),
    ];

    // Zero-width characters, fillers, byte order mark, direction marks, soft hyphen, controls but line breaks and tab. Joiners (U+200C,
    // U+200D) bear meaning.
    private static readonly SearchValues<char> _invisible = SearchValues.Create(
    [
        .. Range(0, 0x1F).Except("\t\n\v\f\r"), '\u007F', '\u00AD', '\u034F', '\u061C', '\u180E', '\u200B', '\u200E', '\u200F',
            .. Range(0x202A, 0x202E), .. Range(0x2060, 0x206F),
        '\u3164', '\uFEFF', '\uFFA0', .. Range(0xFFF9, 0xFFFB),
    ]);

    /// <inheritdoc/>
    public string Name => "wrapping";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        string text = SingleBlanks(SameText.Composed(Visible(candidate.Text)).Trim(), candidate.Anchor), anchor = candidate.Anchor.Trim();
        for (int layer = 0; layer < MostLayers && Peel(text, anchor) is { } inner; layer++) text = inner;
        return text == candidate.Text ? ReplyVerdict.Accepted : ReplyVerdict.AcceptedAs(text);
    }

    private static IEnumerable<char> Range(int first, int last) => Enumerable.Range(first, last - first + 1).Select(c => (char)c);

    private static string? Peel(string text, string anchor)
    {
        if (text.Length == 0 || char.IsAsciiLetter(text[0]))
        {
            // Most texts begin with a letter and have no colon near their beginning.
            return WithoutLabel(text, anchor) ?? WithoutMark(text, anchor);
        }
        foreach (var (open, close) in _pairs)
        {
            if (text.Length <= open.Length + close.Length || !text.StartsWith(open, StringComparison.Ordinal)
                || !text.EndsWith(close, StringComparison.Ordinal)) continue;
            // Around the whole only: not '"Yes" and "no"', and not if the anchor has its quotes too.
            var inside = text.AsSpan(open.Length, text.Length - open.Length - close.Length);
            if (!Holds(inside, open) && !Holds(inside, close) && !(anchor.StartsWith(open, StringComparison.Ordinal)
                && anchor.EndsWith(close, StringComparison.Ordinal))) return inside.Trim().ToString();
        }
        return WithoutMark(text, anchor) ?? WithoutLabel(text, anchor);
    }

    // An apostrophe between letters is no quote.
    private static bool Holds(ReadOnlySpan<char> inside, string quote)
    {
        if (quote is not ("'" or "’")) return inside.Contains(quote, StringComparison.Ordinal);
        for (int i = 0; i < inside.Length; i++)
        {
            if (inside[i] == quote[0] && !(i > 0 && i + 1 < inside.Length && char.IsLetter(inside[i - 1]) && char.IsLetter(inside[i + 1])))
                return true;
        }
        return false;
    }

    private static string? WithoutMark(string text, string anchor)
        => ListMark.Length(text) is > 0 and int mark && ListMark.Length(anchor) == 0 && !ListMark.HasNext(text) ? text[mark..] : null;

    private static string? WithoutLabel(string text, string anchor)
    {
        int end = LabelWords.End(text);
        if (end == 0 || end == text.Length || LabelWords.End(anchor) > 0) return null;
        // "Result: negative." of "The test result is negative.": the label is the anchor's word.
        return text.Length - end < ShortestLabelled && SharedWords.Are(text.AsSpan(0, end), anchor) ? null : text[end..];
    }

    private static string Visible(string text)
    {
        if (!text.AsSpan().ContainsAny(_invisible)) return text;
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!_invisible.Contains(c)) kept.Append(c);
        }
        return kept.ToString();
    }

    // Two blanks in a row mean nothing, and hide words from the rules that look for phrases.
    private static string SingleBlanks(string text, string anchor)
    {
        if (!text.Contains("  ", StringComparison.Ordinal) || anchor.Contains("  ", StringComparison.Ordinal)) return text;
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c != ' ' || kept.Length == 0 || kept[^1] != ' ') kept.Append(c);
        }
        return kept.ToString();
    }
}

/// <summary>Labels before an answer, such as "Paraphrase:", "**Answer:**" or "Negative 2:".</summary>
internal static class LabelWords
{
    private static readonly HashSet<string> _words = new(RulePhrases.Default.Labels, StringComparer.OrdinalIgnoreCase);

    // Room for the emphasis and the number.
    private static readonly int _longest = _words.Max(w => w.Length) + 8;

    /// <summary>Where the text after a label begins; 0 if there is no label, the text's length if nothing follows it.</summary>
    public static int End(string text)
    {
        int colon = text.AsSpan(0, Math.Min(text.Length, _longest + 1)).IndexOfAny(":：");
        if (colon <= 0 || !_words.Contains(text.AsSpan(0, colon).Trim(" *_#0123456789").ToString())) return 0;
        // "**Answer:** x": as much emphasis is closed as was opened, for the answer may have its own.
        int opened = text.Length - text.AsSpan().TrimStart("*_").Length, at = colon + 1;
        for (; opened > 0 && at < text.Length && text[at] == text[0]; at++) opened--;
        return text.Length - text.AsSpan(at).TrimStart().Length;
    }
}
