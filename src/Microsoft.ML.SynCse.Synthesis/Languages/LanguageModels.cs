using Lingua;
using Microsoft.ML.SynCse.Synthesis.Rules;

namespace Microsoft.ML.SynCse.Synthesis.Languages;

/// <summary>
/// Lingua's detector of all its 79 languages, over the letter statistics that lie beside the application in <c>Lingua/LanguageModels</c>.
/// </summary>
/// <remarks>
/// Only single letters, pairs and triples are used (low accuracy mode): 5 MB of files. A language's tables are read when a text in its
/// script is first looked at and stay for the life of the process: 56 MB of managed memory once Latin script was seen (some 50
/// languages), a few MB for each further script. A pair of sentences takes 1.6 ms of processor time, one among a dozen languages 0.2 ms.
/// </remarks>
internal static class LanguageModels
{
    /// <summary>Where the statistics are.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Lingua", "LanguageModels");

    private static readonly Lazy<LanguageDetector> _shared = new(() => Finished(LanguageDetectorBuilder.FromAllLanguages()));

    /// <summary>The detector; safe from several threads.</summary>
    public static LanguageDetector All => _shared.Value;

    /// <summary>
    /// A detector of some languages alone, which takes as much less time as it has fewer; the statistics are shared with the other one.
    /// </summary>
    public static LanguageDetector Of(IEnumerable<Language> languages)
        => Finished(LanguageDetectorBuilder.FromLanguages([.. languages.Distinct()]));

    private static LanguageDetector Finished(LanguageDetectorBuilder builder)
    {
        Require(Folder);
        return builder.WithLowAccuracyMode().WithLanguageModelsDirectory(Folder).Build();
    }

    /// <summary>
    /// Throws if options need the statistics and they are not there: Lingua itself would then take every text for any language,
    /// without a word.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <exception cref="FileNotFoundException">The statistics are missing; the message says where they belong and how to do
    /// without.</exception>
    public static void Require(TripletSynthesisOptions options)
    {
        bool exemplars = options.PromptLibrary.Positive.HasLanguages || options.PromptLibrary.Negative.HasLanguages;
        if (exemplars || options.Rules.Any(rule => rule is LanguageRule)) Require(Folder);
    }

    /// <summary>Throws if a folder does not hold the statistics.</summary>
    internal static void Require(string folder)
    {
        string file = Path.Combine(folder, "en", "trigrams.json.br");
        if (File.Exists(file)) return;
        throw new FileNotFoundException("The language statistics that TripletSynthesisOptions.Rules ('language') and exemplars "
            + $"with a language need are not there: '{file}'. "
            + "The package copies them beside the application (Lingua/LanguageModels); copy that folder along with it, "
            + "or leave out the rule and use a PromptLibrary whose exemplars have no language.", file);
    }
}

/// <summary>How common each language is before any text is read, and which languages a sentence cannot distinguish.</summary>
/// <remarks>
/// Without it an English sentence with unusual letters passes for Danish or Tagalog more often than such a sentence ever comes, and of a
/// German and an English one a language between the two, such as Dutch, would explain both. The steps were set on the sentences of both
/// languages (see the campaign <c>LanguageRuleCampaign</c>).
/// </remarks>
internal static class LanguagePriors
{
    // In nats under English.
    private const double Large = -6, Middle = -9, Small = -13;

    private static readonly HashSet<Language> _largeOnes =
        [Language.German, Language.French, Language.Spanish, Language.Italian, Language.Portuguese, Language.Dutch, Language.Polish,
            Language.Russian];

    private static readonly HashSet<Language> _smallOnes =
    [
        Language.Afrikaans, Language.Albanian, Language.Azerbaijani, Language.Basque, Language.Catalan, Language.Esperanto,
        Language.Estonian, Language.Ganda, Language.Icelandic,
        Language.Irish, Language.Latin, Language.Latvian, Language.Lithuanian, Language.Maori, Language.Oromo, Language.Shona,
        Language.Slovene, Language.Somali, Language.Sotho,
        Language.Swahili, Language.Tagalog, Language.Tsonga, Language.Welsh, Language.Xhosa, Language.Yoruba,
    ];

    // One language in several standards.
    private static readonly Dictionary<Language, Language> _standards = new()
    {
        [Language.Nynorsk] = Language.Bokmal,
        [Language.Bosnian] = Language.Croatian,
        [Language.Malay] = Language.Indonesian,
        [Language.Zulu] = Language.Xhosa,
        [Language.Tswana] = Language.Sotho,
    };

    /// <summary>The logarithm of how common a language is, English being 0.</summary>
    public static double Of(Language language)
        => language == Language.English ? 0 : _largeOnes.Contains(language) ? Large : _smallOnes.Contains(language) ? Small : Middle;

    /// <summary>The language that stands for all that a sentence cannot distinguish from it.</summary>
    public static Language Standard(Language language) => _standards.GetValueOrDefault(language, language);
}
