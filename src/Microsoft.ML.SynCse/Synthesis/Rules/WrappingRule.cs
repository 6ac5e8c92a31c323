using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse;

/// <summary>Takes off what can be taken off safely: blanks, invisible characters, quotes or emphasis around the whole, one list mark, a label such as "Paraphrase:".</summary>
internal sealed partial class WrappingRule : IReplyRule
{
    // Wrappings in wrappings: a label before a quote before a list mark. Nobody puts more around one sentence.
    private const int MostLayers = 6;
    private static readonly (string Open, string Close)[] Pairs =
        [("\"", "\""), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ("‘", "’"), ("'", "'"), ("`", "`"), ("**", "**"), ("__", "__"), ("*", "*"), ("_", "_"), ("‹", "›"), ("（", "）")];

    private static readonly HashSet<string> Labels = new(RulePhrases.Default.Labels, StringComparer.OrdinalIgnoreCase);
    private static readonly int LongestLabel = Labels.Max(l => l.Length) + 4;

    // Zero-width characters, byte order mark, direction marks, soft hyphen, controls but line breaks and tab. Joiners (U+200C, U+200D) bear meaning.
    private static readonly SearchValues<char> Invisible = SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(c => c is not (9 or 10 or 13)).Select(c => (char)c), '\u007F', '\u00AD', '\u200B', '\u200E', '\u200F', '\u2060', '\uFEFF', .. Enumerable.Range(0x202A, 5).Select(c => (char)c), .. Enumerable.Range(0x2066, 4).Select(c => (char)c)]);

    /// <inheritdoc/>
    public string Name => "wrapping";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        string text = SameText.Composed(Visible(candidate.Text)).Trim(), anchor = candidate.Anchor.Trim();
        for (int layer = 0; layer < MostLayers && Peel(text, anchor) is { } inner; layer++) text = inner;
        return text == candidate.Text ? ReplyVerdict.Accepted : ReplyVerdict.AcceptedAs(text);
    }

    private static string? Peel(string text, string anchor)
    {
        foreach (var (open, close) in Pairs)
        {
            if (text.Length <= open.Length + close.Length || !text.StartsWith(open, StringComparison.Ordinal) || !text.EndsWith(close, StringComparison.Ordinal)) continue;
            // Around the whole only: not '"Yes" and "no"', and not where the anchor has its quotes too.
            var inside = text.AsSpan(open.Length, text.Length - open.Length - close.Length);
            bool whole = !inside.Contains(open, StringComparison.Ordinal) && !inside.Contains(close, StringComparison.Ordinal);
            if (whole && !(anchor.StartsWith(open, StringComparison.Ordinal) && anchor.EndsWith(close, StringComparison.Ordinal))) return inside.Trim().ToString();
        }
        if (ListMark().Match(text) is { Success: true } mark && !ListMark().IsMatch(anchor)) return text[mark.Length..];
        return WithoutLabel(text, anchor);
    }

    private static string? WithoutLabel(string text, string anchor)
    {
        int colon = text.AsSpan(0, Math.Min(text.Length, LongestLabel + 1)).IndexOfAny(":：");
        if (colon <= 0 || colon + 1 >= text.Length) return null;
        // "**Answer:** x" and "Answer 2: x" are labels too.
        var label = text.AsSpan(0, colon).Trim(" *_#0123456789").ToString();
        if (!Labels.Contains(label) || anchor.AsSpan().StartsWith(text.AsSpan(0, colon + 1), StringComparison.OrdinalIgnoreCase)) return null;
        return text[(colon + 1)..].TrimStart(' ', '*', '_', '\t', '\r', '\n');
    }

    private static string Visible(string text)
    {
        if (!text.AsSpan().ContainsAny(Invisible)) return text;
        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!Invisible.Contains(c)) kept.Append(c);
        }
        return kept.ToString();
    }

    // "1. ", "2) ", "a) ", "(b) ", "- ", "* ", "• "; "1.5 million" and "a - b" are none.
    [GeneratedRegex(@"^(?:\d{1,3}[.)]|\(?[A-Za-z]\)|\(\d{1,3}\)|[-*•–—])\s+(?=\S)", RegexOptions.CultureInvariant)]
    private static partial Regex ListMark();
}
