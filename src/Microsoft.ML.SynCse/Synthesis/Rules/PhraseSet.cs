#if NET9_0_OR_GREATER
using System.Buffers;
#endif

namespace Microsoft.ML.SynCse;

/// <summary>Phrases to look for, letter case and the kind of apostrophe left aside; linear in the text's length.</summary>
internal sealed class PhraseSet
{
    // Letters, quotes and punctuation beyond the first blocks (curly, CJK) share the last list.
    private const int Initials = 0x800;

#if NET9_0_OR_GREATER
    private readonly SearchValues<string> _values;
#endif
    private readonly string[] _phrases;
    private readonly string[]?[] _byInitial = new string[Initials + 1][];

    public PhraseSet(IEnumerable<string> phrases)
    {
        _phrases = [.. phrases.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase)];
        foreach (var group in _phrases.GroupBy(p => Initial(p[0]))) _byInitial[group.Key] = [.. group];
#if NET9_0_OR_GREATER
        _values = SearchValues.Create(_phrases, StringComparison.OrdinalIgnoreCase);
#endif
    }

    /// <summary>Whether the text holds one of them that the anchor does not hold: what the anchor says, an answer may say.</summary>
    public bool AreIn(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        if (!AreIn(text)) return false;
        foreach (var phrase in _phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase) && !anchor.Contains(phrase, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Whether the text holds one of them.</summary>
    public bool AreIn(ReadOnlySpan<char> text)
    {
#if NET9_0_OR_GREATER
        return text.ContainsAny(_values);
#else
        foreach (var phrase in _phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
#endif
    }

    /// <summary>How many characters of the text, with quotes and blanks before it, one of them takes at its beginning; 0 where none does.</summary>
    public int Begins(ReadOnlySpan<char> text)
    {
        var start = text.TrimStart(" \t\r\n\"'“”„«»‘’*_-–—>¡¿");
        if (start.IsEmpty || _byInitial[Initial(start[0])] is not { } phrases) return 0;
        foreach (var phrase in phrases)
        {
            if (start.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) return text.Length - start.Length + phrase.Length;
        }
        return 0;
    }

    private static int Initial(char c) => Math.Min((int)char.ToUpperInvariant(c), Initials);

    private static IEnumerable<string> Spellings(string phrase) => phrase.Contains('\'') ? [phrase, phrase.Replace('\'', '’')] : [phrase];
}
