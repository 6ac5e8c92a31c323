using System.Globalization;
using System.Text;
using Lingua;

namespace Microsoft.ML.SynCse.Synthesis.Languages;

/// <summary>
/// How likely a text is in each language, by its letter trigrams (Lingua's low accuracy mode): sums of logarithms, so that languages can
/// be compared, with how common each is before.
/// </summary>
/// <remarks>
/// A text is read in pieces of equal length, each with a bounded say: one that is half in one language and half in another is in neither
/// with confidence. The same text gives the same figures on every machine and in every culture: Lingua lowers letters by the invariant
/// culture, and its tables are files of the package.
/// </remarks>
internal sealed class LanguageEvidence
{
    // Longer pieces would underflow: a trigram costs some 8 nats, and exp(-708) is the least double.
    private const int PieceLetters = 70;

    // A sentence says what it is in its first few hundred letters.
    private const int MostPieces = 4;

    // The most that one piece can say against a language, in nats.
    private const double MostPerPiece = 30;

    // How much the letters may speak against the language that is likeliest with its prior, in nats.
    private const double MostByPrior = 2.5;

    private readonly Dictionary<Language, double> _logs = [];

    private LanguageEvidence()
    {
    }

    /// <summary>Reads words.</summary>
    /// <param name="words">The words, without numbers and the like.</param>
    /// <param name="detector">The languages to choose from.</param>
    public static LanguageEvidence Of(IReadOnlyList<string> words, LanguageDetector detector)
    {
        var evidence = new LanguageEvidence();
        foreach (string piece in Pieces(words)) evidence.Add(piece, detector);
        return evidence;
    }

    /// <summary>
    /// How much likelier it is that two texts are in two languages than that both are in one, in nats (1: 2.7 times, 10: 22,000 times);
    /// negative if one is likelier.
    /// </summary>
    public static double Apart(LanguageEvidence one, LanguageEvidence other)
    {
        if (one._logs.Count == 0 || other._logs.Count == 0) return double.NegativeInfinity;
        // A short French text may look like Latin or Spanish; it is not English because English is common.
        if (!one.IsCredible() || !other.IsCredible()) return double.NegativeInfinity;
        double same = double.NegativeInfinity;
        foreach (var (language, log) in one._logs)
            same = Math.Max(same, log + other._logs.GetValueOrDefault(language) + LanguagePriors.Of(language));
        return one.Likeliest().Log + other.Likeliest().Log - same;
    }

    /// <summary>The language that is likelier than every other one by a margin in nats; null if there is none.</summary>
    public Language? Beyond(double margin)
    {
        if (_logs.Count == 0) return null;
        var (best, most) = Likeliest();
        return _logs.All(l => l.Key == best || most - l.Value - LanguagePriors.Of(l.Key) >= margin) ? best : null;
    }

    /// <summary>Whether the likeliest language is among the likeliest by the letters alone.</summary>
    private bool IsCredible() => _logs[Likeliest().Language] >= _logs.Values.Max() - MostByPrior;

    private (Language Language, double Log) Likeliest()
    {
        (Language, double Log) best = (Language.Unknown, double.NegativeInfinity);
        foreach (var (language, log) in _logs)
        {
            if (log + LanguagePriors.Of(language) > best.Log) best = (language, log + LanguagePriors.Of(language));
        }
        return best;
    }

    private void Add(string piece, LanguageDetector detector)
    {
        var values = detector.ComputeLanguageConfidenceValues(piece);
        if (values.All(v => v.Value == 0)) return;
        Dictionary<Language, double> logs = [];
        foreach (var (language, confidence) in values)
        {
            var standard = LanguagePriors.Standard(language);
            double log = confidence > 0 ? Math.Log(confidence) : -MostPerPiece;
            logs[standard] = Math.Max(logs.GetValueOrDefault(standard, -MostPerPiece), log);
        }
        foreach (var (language, log) in logs) _logs[language] = _logs.GetValueOrDefault(language) + log;
    }

    private static IEnumerable<string> Pieces(IReadOnlyList<string> words)
    {
        int letters = Math.Min(LanguageWords.Letters(words), MostPieces * PieceLetters),
            pieces = Math.Max(1, (letters + PieceLetters - 1) / PieceLetters);
        int size = (letters + pieces - 1) / pieces, next = 0;
        for (int piece = 0; piece < pieces && next < words.Count; piece++)
        {
            int first = next;
            for (int length = 0; next < words.Count && length < size; next++) length += words[next].Length;
            yield return string.Join(' ', words.Skip(first).Take(next - first));
        }
    }
}

/// <summary>The words of a text that can show its language: letters only, so no numbers, addresses, codes or names with digits.</summary>
internal static class LanguageWords
{
    // More than this is not looked at; a text says what it is long before.
    private const int MostCharacters = 2000;

    private static readonly char[] _inWords = ['\'', '’', '-', '\u2011', '\u00AD', '\u200C', '\u200D'];

    /// <summary>The words, in their order.</summary>
    public static List<string> Of(string text)
    {
        List<string> words = [];
        var rest = text.AsSpan(0, Math.Min(text.Length, MostCharacters));
        while (!rest.IsEmpty)
        {
            int start = 0;
            while (start < rest.Length && char.IsWhiteSpace(rest[start])) start++;
            int end = start;
            while (end < rest.Length && !char.IsWhiteSpace(rest[end])) end++;
            if (end > start) AddWord(rest[start..end], words);
            rest = rest[end..];
        }
        return words;
    }

    /// <summary>How many letters words have.</summary>
    public static int Letters(IEnumerable<string> words) => words.Sum(w => w.Length);

    private static void AddWord(ReadOnlySpan<char> token, List<string> words)
    {
        // "mail@example.org", "src/main", "snake_case", "x=1" and "B2B" are of no language.
        if (token.ContainsAny("@/\\_=<>{}#|") || token.ContainsAnyInRange('0', '9')) return;
        var word = new StringBuilder(token.Length);
        foreach (char c in token)
        {
            if (char.IsLetter(c) || IsMark(c)) word.Append(c);
            else if (!_inWords.Contains(c)) Flush();
            else if (word.Length > 0 && c == '-') Flush();
        }
        Flush();

        void Flush()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsMark(char c) => c >= '\u0300'
        && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
