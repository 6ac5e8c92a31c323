using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Punctuation and Digits: cuts at each character of a kind.</summary>
/// <param name="Delimiters">The kind.</param>
/// <param name="Behavior">What is done with these characters.</param>
internal sealed record CharacterSplitPreTokenizer(CharacterClass Delimiters, SplitBehavior Behavior) : IPreTokenizer
{
    /// <summary>Punctuation: each character by itself, unless the file says otherwise.</summary>
    public static IPreTokenizer ReadPunctuation(TokenizerNode part)
        => new CharacterSplitPreTokenizer(CharacterClass.Punctuation, SplitBehaviors.Read(part, SplitBehavior.Isolated));

    /// <summary>Digits (N*): a run of them as one piece, or each by itself.</summary>
    public static IPreTokenizer ReadDigits(TokenizerNode part) => new CharacterSplitPreTokenizer(
        CharacterClass.Numeric, part.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var cut = new DelimiterCut(piece, atStart, Behavior, sink);
        var (others, at) = (0, 0);
        while (at < piece.Length)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out int length);
            if (CharacterClasses.Is(rune, Delimiters))
            {
                if (at > others && !cut.Add(at, isDelimiter: false)) return false;
                if (!cut.Add(at + length, isDelimiter: true)) return false;
                others = at + length;
            }
            at += length;
        }
        return (at == others || cut.Add(at, isDelimiter: false)) && cut.Finish();
    }
}

/// <summary>Split: cuts at what a pattern finds.</summary>
/// <param name="Pattern">Finds the delimiters.</param>
/// <param name="Behavior">What is done with the delimiters.</param>
/// <param name="Invert">Whether the text between two matches is the delimiter instead.</param>
internal sealed record PatternSplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Invert) : IPreTokenizer
{
    public static IPreTokenizer Read(TokenizerNode part)
        => new PatternSplitPreTokenizer(TextPattern.Read(part.Required("pattern")), SplitBehaviors.Read(part), part.Flag("invert", false));

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var cut = new DelimiterCut(piece, atStart, Behavior, sink);
        int taken = 0;
        foreach (var (start, end) in Pattern.Find(piece.ToString()))
        {
            if (start > taken && !cut.Add(start, Invert)) return false;
            if (!cut.Add(end, !Invert)) return false;
            taken = end;
        }
        return (taken == piece.Length || cut.Add(piece.Length, Invert)) && cut.Finish();
    }
}

/// <summary>What is done with the delimiters that text is cut at. The names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>They are removed.</summary>
    Removed,

    /// <summary>Each ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Delimiters side by side are one piece.</summary>
    Contiguous,
}

/// <summary>Reads <see cref="SplitBehavior"/> from tokenizer.json.</summary>
internal static class SplitBehaviors
{
    /// <param name="part">The pre-tokenizer's part.</param>
    /// <param name="otherwise">The behavior if the file names none; null: it must name one.</param>
    public static SplitBehavior Read(TokenizerNode part, SplitBehavior? otherwise = null)
    {
        string name = part.OptionalText("behavior") ?? otherwise?.ToString() ?? part.RequiredText("behavior");
        return Enum.GetNames<SplitBehavior>().Contains(name, StringComparer.Ordinal)
            ? Enum.Parse<SplitBehavior>(name)
            : throw part.Wrong($"has the behavior '{name}', which is not supported; supported are "
                + string.Join(", ", Enum.GetNames<SplitBehavior>()));
    }
}

/// <summary>
/// Cuts one text at its delimiters. It takes the stretches of the text in their order, delimiters and others, and hands the pieces to a
/// sink.
/// </summary>
internal ref struct DelimiterCut(ReadOnlySpan<char> text, bool atStart, SplitBehavior behavior, IPieceSink sink)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _start, _end;
    private bool _any, _afterDelimiter;

    /// <summary>Takes the next stretch, from the end of the one before; an empty one still separates its neighbours.</summary>
    /// <returns>False if the sink has enough.</returns>
    public bool Add(int end, bool isDelimiter)
    {
        if (_any && CutsBefore(isDelimiter))
        {
            if (!Finish()) return false;
            _start = _end;
        }
        (_any, _afterDelimiter, _end) = (true, isDelimiter, end);
        return true;
    }

    /// <summary>Hands on the last piece.</summary>
    /// <returns>False if the sink has enough.</returns>
    public readonly bool Finish() =>
        _end == _start || (behavior == SplitBehavior.Removed && _afterDelimiter) || sink.Add(_text[_start.._end], atStart && _start == 0);

    private readonly bool CutsBefore(bool isDelimiter) => behavior switch
    {
        SplitBehavior.MergedWithPrevious => _afterDelimiter || !isDelimiter,
        SplitBehavior.MergedWithNext => isDelimiter || !_afterDelimiter,
        SplitBehavior.Contiguous => _afterDelimiter != isDelimiter,
        _ => true,
    };
}
