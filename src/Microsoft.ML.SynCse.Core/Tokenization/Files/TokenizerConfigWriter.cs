using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>Writes tokenizer_config.json and special_tokens_map.json for a tokenizer whose files lack them.</summary>
internal sealed class TokenizerConfigWriter(TokenizerParts parts, TokenizerConfig known, SpecialTokenNames? names)
{
    /// <summary>tokenizer_config.json.</summary>
    /// <param name="tokenizerClass">The class of transformers that is to read it.</param>
    /// <param name="maxTokens">The number of tokens at which a sentence is cut.</param>
    public byte[] WriteConfig(string tokenizerClass, int maxTokens)
    {
        var config = new JsonObject { ["tokenizer_class"] = tokenizerClass, ["model_max_length"] = maxTokens };
        foreach (var (name, content) in SpecialTokens()) config[name] = content;
        if (parts.Normalizer is BertTextNormalizer bert)
        {
            config["do_lower_case"] = bert.Lowercase;
            config["strip_accents"] = bert.StripAccents;
            config["tokenize_chinese_chars"] = bert.HandleChineseChars;
        }
        if (parts.PreTokenizer is ByteLevelPreTokenizer bytes) config["add_prefix_space"] = bytes.AddPrefixSpace;
        if (parts.CutsLeft) config[TruncationSide.Field] = TruncationSide.Left;
        var added = new JsonObject();
        foreach (var token in parts.AddedTokens.OrderBy(token => token.Id)) added[token.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)] = token.ToJson(withId: false);
        config["added_tokens_decoder"] = added;
        return ToBytes(config);
    }

    /// <summary>special_tokens_map.json.</summary>
    public byte[] WriteMap()
    {
        var map = new JsonObject();
        foreach (var (name, content) in SpecialTokens()) map[name] = content;
        if (known.SpecialToken("additional_special_tokens") is { } additional) map["additional_special_tokens"] = JsonNode.Parse(additional.Element.GetRawText());
        return ToBytes(map);
    }

    // What the files say, else what can be told from the tokenizer itself.
    private List<(string Name, string Content)> SpecialTokens()
    {
        var classifier = parts.Frame.Before is [var before] ? TokenOf(before) : null;
        var separator = parts.Frame.Behind is [var behind] ? TokenOf(behind) : null;
        var framesText = names?.SeparatesTwice == true;
        (string Name, string? Content)[] tokens =
        [
            ("bos_token", framesText ? classifier : null),
            ("eos_token", framesText ? separator : null),
            ("unk_token", parts.Model.UnknownToken ?? Known(names?.Unknown)),
            ("sep_token", separator),
            ("pad_token", TokenOf(parts.PadId)),
            ("cls_token", classifier),
            ("mask_token", Known(names?.Mask) ?? Known(SpecialTokenNames.Roberta.Mask) ?? Known(SpecialTokenNames.Bert.Mask)),
        ];
        return [.. from token in tokens let content = known.SpecialTokenText(token.Name) ?? token.Content where content is not null select (token.Name, content)];
    }

    private string? TokenOf(int id) =>
        parts.AddedTokens.FirstOrDefault(token => token.Id == id)?.Content ?? parts.Model.Vocabulary.TokenOf(id);

    private string? Known(string? content) =>
        content is not null && (parts.Model.Vocabulary.IdOf(content) is not null || parts.AddedTokens.Any(token => token.Content == content)) ? content : null;

    /// <summary>A JSON file of the tokenizer, as they are all written.</summary>
    public static byte[] ToBytes(JsonObject json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, TokenizerJsonWriter.Options)) json.WriteTo(writer);
        return stream.ToArray();
    }
}
