using Lingua;

namespace Microsoft.ML.SynCse.Synthesis.Languages;

/// <summary>
/// Finds out which of some languages a sentence is in, if that is certain enough. Remembers the sentences looked at last. Safe from
/// several threads.
/// </summary>
internal sealed class SentenceLanguage
{
    // In nats, beside the prior, which English has the most of: who is wrongly taken for German gets German examples.
    private const double Margin = 3;

    private const int FewWords = 4, FewLetters = 16;

    // A power of two, more than sentences are under way at a time; each is looked up once for each text that is written for it.
    private const int Places = 4096;

    // What a sentence may be in beside the languages in question: English, and neighbours that would pass for one of them.
    private static readonly Language[] _others =
        [Language.English, Language.Italian, Language.Portuguese, Language.Catalan, Language.Swedish, Language.Danish, Language.Bokmal,
            Language.Afrikaans, Language.Polish];

    private static readonly Dictionary<string, Language> _byCode = Codes();

    private readonly Lazy<LanguageDetector> _detector;
    private readonly HashSet<string> _codes;
    private readonly Entry?[] _entries = new Entry?[Places];

    /// <param name="codes">Standard codes of the languages in question.</param>
    public SentenceLanguage(IEnumerable<string> codes)
    {
        _codes = new(codes, StringComparer.Ordinal);
        _detector = new(() => LanguageModels.Of([.. _codes.Select(code => _byCode[code]), .. _others]));
    }

    /// <summary>The code that stands for a language that has this one (ISO 639-1); null if there is no such language.</summary>
    public static string? Standard(string code) => _byCode.TryGetValue(code, out var language) ? Code(language) : null;

    /// <summary>
    /// The code of a text's language; null if it is none of those in question, or the text is short, mixed or in doubt.
    /// </summary>
    public string? Of(string text)
    {
        ref var place = ref _entries[string.GetHashCode(text, StringComparison.Ordinal) & (Places - 1)];
        if (Volatile.Read(ref place) is { } known && known.Text == text) return known.Language;
        string? language = Read(text);
        Volatile.Write(ref place, new(text, language));
        return language;
    }

    private string? Read(string text)
    {
        var words = LanguageWords.Of(text);
        if (words.Count < FewWords || LanguageWords.Letters(words) < FewLetters) return null;
        return LanguageEvidence.Of(words, _detector.Value).Beyond(Margin) is { } language && Code(language) is var code
            && _codes.Contains(code) ? code : null;
    }

    private static string Code(Language language) => LanguagePriors.Standard(language).IsoCode6391().ToString().ToLowerInvariant();

    private static Dictionary<string, Language> Codes()
    {
        Dictionary<string, Language> codes = new(StringComparer.OrdinalIgnoreCase) { ["no"] = Language.Bokmal };
        foreach (var language in Enum.GetValues<Language>())
        {
            if (language != Language.Unknown) codes[language.IsoCode6391().ToString()] = language;
        }
        return codes;
    }

    private sealed record Entry(string Text, string? Language);
}
