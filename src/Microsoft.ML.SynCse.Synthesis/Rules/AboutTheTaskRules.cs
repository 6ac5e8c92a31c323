using System.Globalization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a model's refusal, in the languages of <c>phrases.json</c>.</summary>
/// <remarks>
/// People apologise and cannot do things too: "Sorry, but I can't log in" may rightly become "I'm sorry, but I can't get into my account".
/// Such words are a refusal only if they are about the task ("this request", "that sentence"), or have nothing to do with the anchor and
/// are an apology or about helping, writing, answering.
/// </remarks>
internal sealed class RefusalRule : IReplyRule
{
    private static readonly PhraseSet _refusals = new(RulePhrases.Default.Refusals), _apologies = new(RulePhrases.Default.Apologies),
        _inabilities = new(RulePhrases.Default.Inabilities),
        _requests = new(RulePhrases.Default.RequestWords), _verbs = new(RulePhrases.Default.TaskVerbs),
            _negations = new(RulePhrases.Default.Negations);

    /// <inheritdoc/>
    public string Name => "refusal";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => _refusals.AreIn(candidate.Text, candidate.Anchor) || IsAboutTheTask(candidate.Text, candidate.Anchor)
            ? ReplyVerdict.Rejected("the model refused") : ReplyVerdict.Accepted;

    private static bool IsAboutTheTask(string text, string anchor)
    {
        int apology = _apologies.Begins(text), begun = apology > 0 ? apology : _inabilities.Begins(text);
        if (begun == 0) return false;
        if (_requests.AreIn(text, anchor)) return true;
        if (anchor.Length == 0 || SharedWords.Are(text.AsSpan(begun), anchor)) return false;
        // A model says of things that were not requested that it cannot do them: "I can't discuss that." An apology alone may follow from
        // an anchor that something does not work.
        return _verbs.AreIn(text) || (apology > 0 && !_negations.AreIn(anchor));
    }
}

/// <summary>Turns down words about the answer: a preamble before it, an explanation after it, or one in its place.</summary>
internal sealed class ExplanationRule : IReplyRule
{
    // A preamble is short: its colon comes early.
    private const int LongestPreamble = 80;

    // "Sure!", "Natürlich!", "もちろんです！".
    private const int LongestInterjection = 16;

    // A quoted "OK" is no sign that the answer talks about its input.
    private const int ShortestQuoted = 8;

    private static readonly PhraseSet _explanations = new(RulePhrases.Default.Explanations),
        _announcements = new(RulePhrases.Default.Announcements),
        _preambles = new(RulePhrases.Default.Preambles), _answerWords = new(RulePhrases.Default.AnswerWords),
            _ownWords = new(RulePhrases.Default.OwnWords),
        _taskWords = new(RulePhrases.Default.TaskWords);

    /// <inheritdoc/>
    public string Name => "explanation";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
    {
        string text = candidate.Text, anchor = candidate.Anchor;
        if (_explanations.AreIn(text, anchor) || (_taskWords.AreIn(text, anchor) && !QuestionBackRule.Asks(text, anchor))
            || Quotes(text, anchor)) return ReplyVerdict.Rejected("words about the answer");
        return Announces(text, anchor) ? ReplyVerdict.Rejected("a preamble") : ReplyVerdict.Accepted;
    }

    private static bool Announces(string text, string anchor)
    {
        if (_announcements.Begins(text) > 0 && _announcements.Begins(anchor) == 0) return true;
        int colon = text.AsSpan(0, Math.Min(LongestPreamble, text.Length)).IndexOfAny(":：");
        if (colon > 0 && _answerWords.AreIn(text.AsSpan(0, colon), anchor)) return true;
        if (colon > 0 && IsForeignHead(text.AsSpan(0, colon), text.AsSpan(colon + 1), anchor)) return true;
        if (_preambles.Begins(text) == 0) return false;
        // An anchor that begins with "Sure, ..." may be answered in the same tone.
        int begun = _preambles.Begins(anchor);
        if (EndsAtOnce(text) && (begun == 0 || char.IsLetter(anchor[begun - 1]))) return true;
        if (begun > 0) return false;
        if (_answerWords.AreIn(text.AsSpan(0, Math.Min(LongestPreamble, text.Length)), anchor)) return true;
        // "Here is the order number: 123" or "Here is my new address: ..." are sentences of the user.
        return colon > 0 && !_ownWords.AreIn(text.AsSpan(0, colon)) && !SharedWords.Are(text.AsSpan(0, colon), anchor);
    }

    // "Something like this would do: The parcel is late.": a sentence of its own after a colon, if the anchor has none and shares no
    // word with what stands before.
    private static bool IsForeignHead(ReadOnlySpan<char> head, ReadOnlySpan<char> tail, ReadOnlySpan<char> anchor)
    {
        tail = tail.Trim(" \"'“”„«»");
        bool sentence = 2 * tail.Length > head.Length && char.IsUpper(tail.IsEmpty ? ' ' : tail[0]) && tail.Count(' ') > 1
            && head.Contains(' ');
        return sentence && !anchor.ContainsAny(":：") && !_ownWords.AreIn(head) && head.IndexOfAnyInRange('0', '9') < 0
            && !SharedWords.Are(head, anchor);
    }

    // "Sure! The parcel is late.": the first word is a sentence of its own.
    private static bool EndsAtOnce(ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAny("!！");
        return end > 0 && end <= LongestInterjection && end + 1 < text.TrimEnd().Length;
    }

    // 'The opposite of "..." is "..."'.
    private static bool Quotes(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        anchor = anchor.Trim();
        if (anchor.Length < ShortestQuoted || text.Length <= anchor.Length) return false;
        int at = text.IndexOf(anchor, StringComparison.OrdinalIgnoreCase);
        var before = at > 0 ? text[..at].TrimEnd() : [];
        return before.Length > 1 && "\"“„«「『‘'`".Contains(before[^1]);
    }
}

/// <summary>Turns down a question about the task in place of an answer.</summary>
internal sealed class QuestionBackRule : IReplyRule
{
    private static readonly PhraseSet _phrases = new(RulePhrases.Default.TaskQuestions);

    /// <inheritdoc/>
    public string Name => "question-back";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => Asks(candidate.Text, candidate.Anchor) ? ReplyVerdict.Rejected("a question about the task") : ReplyVerdict.Accepted;

    /// <summary>Whether the text asks something about the task that the anchor does not ask.</summary>
    public static bool Asks(string text, string anchor) => _phrases.AreIn(text, anchor);
}

/// <summary>
/// Whether two texts are about the same thing: they share the beginning of a long word, which small words and endings do not change.
/// </summary>
internal static class SharedWords
{
    // "invo", "pass", "parc": endings do not count.
    private const int Stem = 4;

    private static readonly PhraseSet _smallWords = new(RulePhrases.Default.SmallWords);

    // Two Han characters, katakana or Hangul syllables are a word's worth.
    private const int WideStem = 2;

    /// <summary>Whether a word of the text begins like one of the anchor.</summary>
    public static bool Are(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int stem = IsWide(text[i]) || IsHangul(text[i]) ? WideStem : Stem;
            bool begins = IsWide(text[i]) || (IsLetter(text[i]) && (i == 0 || !IsLetter(text[i - 1])));
            if (begins && IsStem(text[i..], stem) && _smallWords.Begins(text[i..]) == 0 && Holds(anchor, text.Slice(i, stem))) return true;
        }
        return false;
    }

    private static bool IsStem(ReadOnlySpan<char> rest, int length)
    {
        if (rest.Length < length) return false;
        foreach (char c in rest[..length])
        {
            if (IsWide(rest[0]) ? !IsWide(c) : !IsLetter(c)) return false;
        }
        return true;
    }

    private static bool Holds(ReadOnlySpan<char> anchor, ReadOnlySpan<char> stem)
    {
        for (int at = 0; at < anchor.Length;)
        {
            int found = anchor[at..].IndexOf(stem, StringComparison.OrdinalIgnoreCase);
            if (found < 0) return false;
            at += found;
            if (at == 0 || IsWide(stem[0]) || !IsLetter(anchor[at - 1])) return true;
            at++;
        }
        return false;
    }

    private static bool IsLetter(char c) => char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark;

    private static bool IsWide(char c) => c is (>= '\u4E00' and <= '\u9FFF') or (>= '\u30A1' and <= '\u30FA');

    private static bool IsHangul(char c) => c is >= '\uAC00' and <= '\uD7A3';
}
