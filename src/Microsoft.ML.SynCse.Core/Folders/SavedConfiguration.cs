using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The config.json that is written: the one that was read, with what is true of the files beside it.</summary>
internal static partial class SavedConfiguration
{
    /// <summary>The configuration of a bare encoder with float32 weights.</summary>
    /// <param name="configuration">As it was read.</param>
    /// <param name="matryoshka">Whether vectors may still be cut short.</param>
    public static JsonObject Of(ModelConfiguration configuration, bool matryoshka)
    {
        var json = configuration.ToJson();
        // A masked-language model's head is not written, so the folder holds the bare model: BertForMaskedLM becomes BertModel.
        if (json["architectures"] is JsonArray { Count: > 0 } classes && classes[0] is JsonValue first && first.TryGetValue(out string? name))
            json["architectures"] = new JsonArray(ClassWithHead().Replace(name, "$1Model"));
        if (!matryoshka) MatryoshkaFields.Remove(json);
        return json;
    }

    [GeneratedRegex("^([A-Za-z0-9]+?)For[A-Z][A-Za-z0-9]*$")]
    private static partial Regex ClassWithHead();
}
