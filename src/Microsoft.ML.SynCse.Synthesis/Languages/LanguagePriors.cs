using Lingua;

namespace Microsoft.ML.SynCse.Synthesis.Languages;

/// <summary>How much a language is to be expected before anything is read, and which languages no sentence tells apart.</summary>
/// <remarks>
/// Without it an English sentence with unusual letters passes for Danish or Tagalog more often than such a sentence ever comes, and of a
/// German and an English one
/// a language between the two, such as Dutch, would explain both. The steps were set on the sentences of both languages (see the campaign
/// <c>LanguageRuleCampaign</c>).
/// </remarks>
internal static class LanguagePriors
{
    // In nats under English.
    private const double Large = -6, Middle = -9, Small = -13;

    private static readonly HashSet<Language> LargeOnes =
        [Language.German, Language.French, Language.Spanish, Language.Italian, Language.Portuguese, Language.Dutch, Language.Polish,
            Language.Russian];

    private static readonly HashSet<Language> SmallOnes =
    [
        Language.Afrikaans, Language.Albanian, Language.Azerbaijani, Language.Basque, Language.Catalan, Language.Esperanto,
        Language.Estonian, Language.Ganda, Language.Icelandic,
        Language.Irish, Language.Latin, Language.Latvian, Language.Lithuanian, Language.Maori, Language.Oromo, Language.Shona,
        Language.Slovene, Language.Somali, Language.Sotho,
        Language.Swahili, Language.Tagalog, Language.Tsonga, Language.Welsh, Language.Xhosa, Language.Yoruba,
    ];

    // One language in several standards.
    private static readonly Dictionary<Language, Language> Standards = new()
    {
        [Language.Nynorsk] = Language.Bokmal,
        [Language.Bosnian] = Language.Croatian,
        [Language.Malay] = Language.Indonesian,
        [Language.Zulu] = Language.Xhosa,
        [Language.Tswana] = Language.Sotho,
    };

    /// <summary>The logarithm of how common a language is, English being 0.</summary>
    public static double Of(Language language)
        => language == Language.English ? 0 : LargeOnes.Contains(language) ? Large : SmallOnes.Contains(language) ? Small : Middle;

    /// <summary>The language that stands for all that no sentence tells from it.</summary>
    public static Language Standard(Language language) => Standards.GetValueOrDefault(language, language);
}
