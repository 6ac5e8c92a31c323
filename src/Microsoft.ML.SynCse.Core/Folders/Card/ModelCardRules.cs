using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>Checks the parts of a <see cref="ModelCard"/> that the Hub reads.</summary>
internal static partial class ModelCardRules
{
    /// <summary>Throws for the first part that the Hub would refuse.</summary>
    /// <exception cref="ArgumentException">Names the part, and what it must be.</exception>
    public static void Validate(this ModelCard card)
    {
        if (card.License is { } license && !LicenseIdentifier().IsMatch(license))
            throw new ArgumentException($"ModelCard.License is '{license}'; it must be the Hub's identifier of a licence, such as mit or apache-2.0, or other with the name as ModelCard.LicenseName.", nameof(card));
        if ((card.License == "other") != !string.IsNullOrWhiteSpace(card.LicenseName))
            throw new ArgumentException($"ModelCard.License is '{card.License}' and LicenseName is '{card.LicenseName}'; a licence without an identifier on the Hub needs 'other' and its name, any other has no LicenseName.", nameof(card));
        foreach (var language in card.Languages ?? [])
            if (language is null || !LanguageCode().IsMatch(language)) throw new ArgumentException($"ModelCard.Languages has '{language}'; it must be an ISO 639 code, such as en or de.", nameof(card));
    }

    /// <summary>Whether a name is one of a model on the Hub, organisation and all.</summary>
    public static bool IsOnHub(string? name) => name is not null && HubName().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.+-]*\z")]
    private static partial Regex LicenseIdentifier();

    [GeneratedRegex(@"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\z")]
    private static partial Regex LanguageCode();

    [GeneratedRegex(@"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\z")]
    private static partial Regex HubName();
}
