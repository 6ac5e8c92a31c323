using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>Which tokens a text that is too long loses, its last or its first.</summary>
internal static class TruncationSide
{
    /// <summary>The field of tokenizer_config.json.</summary>
    public const string Field = "truncation_side";

    /// <summary>What it is where the first tokens go.</summary>
    public const string Left = "left";

    /// <summary>As transformers has it: tokenizer_config.json goes before tokenizer.json's truncation, and the last tokens go where
    /// neither says anything.</summary>
    /// <exception cref="InvalidDataException">A side that there is not; names file and field.</exception>
    public static bool IsLeft(TokenizerNode tokenizerJson, TokenizerConfig config)
    {
        if (config.TruncationSide is { } side) return Is(side, Left, "right");
        return tokenizerJson.Optional("truncation")?.Optional("direction") is { } direction && Is(direction, "Left", "Right");
    }

    /// <summary>The same files, with the side also in tokenizer_config.json where that is there and does not say it: readers that rebuild
    /// a tokenizer from its class look nowhere else.</summary>
    public static TokenizerFileSet NamedIn(TokenizerFileSet files, TokenizerParts parts)
    {
        if (!parts.CutsLeft) return files;
        if (files.Json(TokenizerFileSet.TokenizerConfig) is not { } config || config.Optional(Field) is not null) return files;
        var named = JsonNode.Parse(config.Element.GetRawText())!.AsObject();
        named[Field] = Left;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, TokenizerJsonWriter.Options)) named.WriteTo(writer);
        return files.With(KeyValuePair.Create(TokenizerFileSet.TokenizerConfig, stream.ToArray()));
    }

    private static bool Is(TokenizerNode side, string left, string right)
    {
        var text = side.Text();
        if (text == left) return true;
        return text == right ? false : throw side.Wrong($"is '{text}'; it must be '{left}' or '{right}'");
    }
}
