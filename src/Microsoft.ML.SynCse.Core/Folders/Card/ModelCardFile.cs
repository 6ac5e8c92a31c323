using System.Text.Json;

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
            throw new InvalidDataException($"{files.Describe(FileName)} is not a model card: {error.Message} Mend or remove the file.", error);
        }
    }

    /// <summary>Writes the card.</summary>
    public static void Write(IModelFileSink sink, ModelCard card) => sink.WriteJson(FileName, JsonSerializer.SerializeToNode(card, ModelCardJson.Default.ModelCard)!);
}
