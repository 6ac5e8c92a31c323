#if NET9_0_OR_GREATER
using System.Buffers;
#endif

namespace Microsoft.ML.SynCse;

/// <summary>Phrases to look for, letter case and the kind of apostrophe left aside; linear in the text's length.</summary>
internal sealed class PhraseSet
{
#if NET9_0_OR_GREATER
    private readonly SearchValues<string> _values;
#endif
    private readonly string[] _phrases;

    public PhraseSet(IEnumerable<string> phrases)
    {
        _phrases = [.. phrases.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase)];
#if NET9_0_OR_GREATER
        _values = SearchValues.Create(_phrases, StringComparison.OrdinalIgnoreCase);
#endif
    }

    /// <summary>Whether the text holds one of them that the anchor does not hold: what the anchor says, an answer may say.</summary>
    public bool AreIn(string text, string anchor)
    {
#if NET9_0_OR_GREATER
        // Nearly every text holds none, and one pass tells.
        if (!text.AsSpan().ContainsAny(_values)) return false;
#endif
        foreach (var phrase in _phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase) && !anchor.Contains(phrase, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>Whether the text begins with one of them, past quotes and blanks, and the anchor does not begin likewise.</summary>
    public bool Begin(string text, string anchor)
    {
        var start = Start(text);
        foreach (var phrase in _phrases)
        {
            if (start.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) return !Start(anchor).StartsWith(phrase, StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    private static ReadOnlySpan<char> Start(string text) => text.AsSpan().TrimStart(" \t\r\n\"'“”„«»‘’*_-–—>");

    private static IEnumerable<string> Spellings(string phrase) => phrase.Contains('\'') ? [phrase, phrase.Replace('\'', '’')] : [phrase];
}
