using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The number of tokens at which a file wants a text to be cut.</summary>
/// <param name="Tokens">The number, from 1; <see cref="int.MaxValue"/> stands for all that are larger.</param>
/// <param name="Field">File and field, for messages.</param>
internal sealed record GivenLength(int Tokens, string Field)
{
    /// <summary>Reads a length as Python code makes use of it: 32, 32.0 and "32" are one number; a missing field or null says
    /// nothing.</summary>
    /// <param name="node">The field's value.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="name">The field's name.</param>
    /// <exception cref="InvalidDataException">It is something else, or a number below 1, of which nothing can be made; names file and
    /// field.</exception>
    public static GivenLength? Read(JsonNode? node, string file, string name)
    {
        if (node is null) return null;
        if (Number(node) is { } number && number >= 1 && number == Math.Floor(number))
            return new((int)Math.Min(number, int.MaxValue), $"{file}: {name}");
        throw new InvalidDataException($"{file}: {name} is {Shown(node)}; "
            + "the number of tokens at which a text is cut must be a whole number from 1. Correct it, or take the field out.");
    }

    // Transformers writes a number of thirty digits where there is no limit.
    private static double? Number(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Number => double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture),
        JsonValueKind.String
            => double.TryParse(node.GetValue<string>(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : null,
        _ => null,
    };

    private static string Shown(JsonNode node)
    {
        var text = node.ToJsonString();
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}
