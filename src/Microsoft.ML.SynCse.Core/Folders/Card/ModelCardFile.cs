using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>The card for programs, beside the README for people: so that it outlives loading and saving.</summary>
internal static class ModelCardFile
{
    public const string FileName = "syncse_card.json";

    /// <summary>Reads the card; null where the files are not ours, or are older than the card.</summary>
    /// <exception cref="InvalidDataException">The file is not a card; names it.</exception>
    public static ModelCard? Read(IModelFileSource files)
    {
        if (files.ReadJsonObject(FileName) is not { } json) return null;
        try
        {
            var card = json.Deserialize(ModelCardJson.Default.ModelCard)!;
            card.Validate();
            return card;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{files.Describe(FileName)} is not a model card: {error.Message} Mend or remove the file.", error);
        }
    }

    /// <summary>Writes the card.</summary>
    public static void Write(IModelFileSink sink, ModelCard card)
        => sink.WriteJson(FileName, JsonSerializer.SerializeToNode(card, ModelCardJson.Default.ModelCard)!);
}

/// <summary>The JSON of <see cref="ModelCard"/>; a score may be NaN.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelCard))]
internal sealed partial class ModelCardJson : JsonSerializerContext;

/// <summary>Checks the parts of a <see cref="ModelCard"/> that the Hub reads.</summary>
internal static partial class ModelCardValidator
{
    /// <summary>Throws for the first part that the Hub would refuse.</summary>
    /// <exception cref="ArgumentException">Names the part, and what it must be.</exception>
    public static void Validate(this ModelCard card)
    {
        if (card.License is { } license && !LicenseIdentifier().IsMatch(license))
            throw new ArgumentException(
                $"ModelCard.License is '{license}'; it must be the Hub's identifier of a licence, such as mit or apache-2.0, or other "
                + $"with the name as ModelCard.LicenseName.", nameof(card));
        if ((card.License == "other") != !string.IsNullOrWhiteSpace(card.LicenseName))
            throw new ArgumentException(
                $"ModelCard.License is '{card.License}' and LicenseName is '{card.LicenseName}'; a licence without an identifier on the "
                + $"Hub needs 'other' and its name, any other has no LicenseName.", nameof(card));
        foreach (string? language in card.Languages ?? [])
            if (language is null || !LanguageCode().IsMatch(language)) throw new ArgumentException(
                $"ModelCard.Languages has '{language}'; it must be an ISO 639 code, such as en or de.", nameof(card));
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
