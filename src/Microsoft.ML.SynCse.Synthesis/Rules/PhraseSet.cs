namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Phrases to look for, letter case and the kind of apostrophe left aside; linear in the text's length.</summary>
/// <remarks>By a hash of their first two characters: hundreds of phrases cost a text one look at each of its places, on every runtime (SearchValues of strings, from .NET 9, was no faster).</remarks>
internal sealed class PhraseSet
{
    // A power of two, many times the phrases.
    private const int Buckets = 4096;

    private readonly string[] _phrases;
    private readonly string[]?[] _byPair = new string[Buckets][];

    public PhraseSet(IEnumerable<string> phrases)
    {
        _phrases = [.. phrases.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (_phrases.FirstOrDefault(p => p.Length < 2) is { } shorter) throw new ArgumentException($"The phrase '{shorter}' has less than two characters.", nameof(phrases));
        foreach (var group in _phrases.GroupBy(p => Pair(p[0], p[1]))) _byPair[group.Key] = [.. group];
    }

    /// <summary>Whether the text holds one of them that the anchor does not hold: what the anchor says, an answer may say.</summary>
    public bool AreIn(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        // Nearly every text holds none, and one pass tells.
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
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (LengthAt(text[i..]) > 0) return true;
        }
        return false;
    }

    /// <summary>How many characters of the text, with quotes and blanks before it, one of them takes at its beginning; 0 where none does.</summary>
    public int Begins(ReadOnlySpan<char> text)
    {
        var start = text.TrimStart(" \t\r\n\"'“”„«»‘’*_-–—>¡¿");
        return LengthAt(start) is > 0 and int length ? text.Length - start.Length + length : 0;
    }

    private int LengthAt(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || _byPair[Pair(text[0], text[1])] is not { } phrases) return 0;
        foreach (var phrase in phrases)
        {
            if (text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) return phrase.Length;
        }
        return 0;
    }

    private static int Pair(char first, char second) => ((char.ToUpperInvariant(first) * 31) + char.ToUpperInvariant(second)) & (Buckets - 1);

    private static IEnumerable<string> Spellings(string phrase) => phrase.Contains('\'') ? [phrase, phrase.Replace('\'', '’')] : [phrase];
}
