namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down what is left of markup, JSON or chat templates, unless the anchor has the same.</summary>
internal sealed class DebrisRule : IReplyRule
{
    // Longer ones would be sentences in angle brackets.
    private const int LongestTag = 60, LongestEntity = 8;

    private static readonly PhraseSet _marks = new(RulePhrases.Default.Debris);
    private static readonly string[] _alternatives = [" / ", " OR "];
    private static readonly string[] _turns = RulePhrases.Default.Turns;

    /// <inheritdoc/>
    public string Name => "debris";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        string text = candidate.Text, anchor = candidate.Anchor;
        bool debris = _marks.AreIn(text, anchor) || IsCutJson(text, anchor) || HasTurn(text, anchor) || (HasTag(text) && !HasTag(anchor))
            || (HasEntity(text) && !HasEntity(anchor));
        if (Stutter.Is(text) && !Stutter.Is(anchor)) return ReplyVerdict.Rejected("the same over and over");
        return debris || HasAlternative(text, anchor) ? ReplyVerdict.Rejected("left-over markup or JSON") : ReplyVerdict.Accepted;
    }

    // JSON cut off at either end, or a heading; "#hashtag", "<3" and the anchor's own brackets are none.
    private static bool IsCutJson(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        if (text.IsEmpty) return false;
        bool begins = text[0] is '{' or '[' or '|' || (text[0] == '#' && (text.Length < 2 || text[1] is '#' or ' '));
        if (text.Contains('\u2581') && !anchor.Contains('\u2581')) return true;              // a tokenizer's blank
        if (begins && !anchor.Contains(text[0])) return true;
        if (text[^1] is '}' or ']' && !anchor.Contains(text[^1])) return true;
        return text.EndsWith("\",", StringComparison.Ordinal) && !anchor.EndsWith("\",", StringComparison.Ordinal);
    }

    // "It is late. / It has not come.", two whole answers; "and / or" is none.
    private static bool HasAlternative(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        foreach (string or in _alternatives)
        {
            int at = text.IndexOf(or, StringComparison.Ordinal);
            if (at > 0 && text[..at].Count(' ') > 1 && text[(at + or.Length)..].Count(' ') > 1
                && !anchor.Contains(or, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    // A conversation that goes on, or the examples' form repeated: "Assistant:", "... Negative: ...". Capital letters, for "the operating
    // system: ..." is a sentence.
    private static bool HasTurn(string text, string anchor)
    {
        if (!text.Contains(':')) return false;
        foreach (string turn in _turns)
        {
            int at = text.IndexOf(turn, StringComparison.Ordinal);
            if (at >= 0 && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && !anchor.Contains(turn, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    // <b>, </s>, <div class="a">, <!-- ; not "a < b", "<3", "<mail@example.org>", "<https://...>".
    private static bool HasTag(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int open = text.IndexOf('<');
            if (open < 0 || open + 1 >= text.Length) return false;
            text = text[(open + 1)..];
            if (text.StartsWith("!--", StringComparison.Ordinal)) return true;
            if (!char.IsAsciiLetter(text[0]) && text[0] is not ('/' or '|')) continue;
            int close = text[..Math.Min(text.Length, LongestTag)].IndexOfAny("<>");
            if (close > 0 && text[close] == '>' && !text[..close].Contains('@') && !text[..close].Contains("://", StringComparison.Ordinal))
                return true;
        }
    }

    // &nbsp; &#39;
    private static bool HasEntity(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int open = text.IndexOf('&');
            if (open < 0) return false;
            text = text[(open + 1)..];
            int end = text[..Math.Min(text.Length, LongestEntity)].IndexOf(';');
            if (end > 1 && text[..end].IndexOfAnyExcept("#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") < 0) return true;
        }
    }
}

/// <summary>Whether a model got stuck: one word over and over, or one letter, or the whole twice.</summary>
internal static class Stutter
{
    // "No, no, no, no!" is said; more is not.
    private const int MostInARow = 4, MostLetters = 12;

    // "Bye bye" is said twice, a sentence is not.
    private const int LeastWordsTwice = 6;

    /// <summary>Whether the text does so.</summary>
    public static bool Is(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> last = default;
        int inARow = 1, words = 0, letters = 1;
        bool other = false;
        for (var rest = text; !rest.IsEmpty;)
        {
            int end = rest.IndexOf(' ');
            var word = (end < 0 ? rest : rest[..end]).Trim(".,;:!?-");
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (word.IsEmpty) continue;
            words++;
            bool same = word.Equals(last, StringComparison.OrdinalIgnoreCase);
            other |= words > 1 && !same;
            inARow = same ? inARow + 1 : 1;
            if (inARow > MostInARow) return true;
            last = word;
        }
        if ((words > 2 && !other) || (words >= LeastWordsTwice && IsTwice(text))) return true;
        for (int i = 1; i < text.Length; i++)
        {
            letters = text[i] == text[i - 1] && char.IsLetter(text[i]) ? letters + 1 : 1;
            if (letters > MostLetters) return true;
        }
        return false;
    }

    private static bool IsTwice(ReadOnlySpan<char> text)
        => text.Length % 2 == 1 && text[text.Length / 2] == ' '
            && text[..(text.Length / 2)].Equals(text[((text.Length / 2) + 1)..], StringComparison.OrdinalIgnoreCase);
}
