using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>Writes tokenizer_config.json and special_tokens_map.json for a tokenizer whose files lack them.</summary>
internal sealed class TokenizerConfigWriter(TokenizerParts parts, TokenizerConfig known, SpecialTokenNames? names)
{
    private const string AdditionalTokens = "additional_special_tokens";

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
        if (parts.CutsLeft) config[TokenizerConfig.TruncationSide] = TokenizerConfig.Left;
        var added = new JsonObject();
        foreach (var token in parts.AddedTokens.OrderBy(token => token.Id))
            added[token.Id.ToString(CultureInfo.InvariantCulture)] = token.ToJson(withId: false);
        config["added_tokens_decoder"] = added;
        return TokenizerJsonWriter.ToBytes(config);
    }

    /// <summary>special_tokens_map.json.</summary>
    public byte[] WriteMap()
    {
        var map = new JsonObject();
        foreach (var (name, content) in SpecialTokens()) map[name] = content;
        if (known.SpecialToken(AdditionalTokens) is { } additional) map[AdditionalTokens] = JsonNode.Parse(additional.Element.GetRawText());
        return TokenizerJsonWriter.ToBytes(map);
    }

    // What the files say, else what the tokenizer itself shows.
    private List<(string Name, string Content)> SpecialTokens()
    {
        string? classifier = parts.PostProcessor.Prefix is [var before] ? TokenOf(before) : null;
        string? separator = parts.PostProcessor.Suffix is [var after] ? TokenOf(after) : null;
        bool enclosesText = names?.SeparatesTwice == true;
        (string Name, string? Content)[] tokens =
        [
            ("bos_token", enclosesText ? classifier : null),
            ("eos_token", enclosesText ? separator : null),
            ("unk_token", parts.Model.UnknownToken ?? Known(names?.Unknown)),
            ("sep_token", separator),
            ("pad_token", TokenOf(parts.PadId)),
            ("cls_token", classifier),
            ("mask_token", Known(names?.Mask) ?? Known(SpecialTokenNames.Roberta.Mask) ?? Known(SpecialTokenNames.Bert.Mask)),
        ];
        return
        [
            .. from token in tokens
               let content = known.SpecialTokenText(token.Name) ?? token.Content
               where content is not null
               select (token.Name, content),
        ];
    }

    private string? TokenOf(int id)
        => parts.AddedTokens.FirstOrDefault(token => token.Id == id)?.Content ?? parts.Model.Vocabulary.TokenOf(id);

    private string? Known(string? content) => content is not null && parts.IdOf(content) is not null ? content : null;
}

/// <summary>The vocabulary files from before tokenizer.json that a model is written as.</summary>
internal static class OlderVocabularyFiles
{
    /// <summary>vocab.txt, or vocab.json and merges.txt; none if such files cannot hold the model.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> Of(ISubwordModel model) => model switch
    {
        WordPieceModel => [KeyValuePair.Create(TokenizerFileSet.WordPieceVocabulary, Lines(model.Vocabulary.InOrder()))],
        BytePairModel bytePairs =>
        [
            KeyValuePair.Create(TokenizerFileSet.BytePairVocabulary, TokenizerJsonWriter.ToBytes(bytePairs.Vocabulary.WriteTo)),
            KeyValuePair.Create(TokenizerFileSet.BytePairMerges,
                Lines(bytePairs.MergesInOrder().Select(merge => $"{merge.Left} {merge.Right}").Prepend("#version: 0.2"))),
        ],
        _ => [],
    };

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n')));
}
