using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>
/// The files that a tokenizer is saved as: those it was read from, byte for byte, and beside them what other readers look for:
/// tokenizer.json, tokenizer_config.json and special_tokens_map.json always, the older vocabulary files if they mean the same tokenizer.
/// Two things are changed, so that every reader makes the same tokens. If settings of tokenizer_config.json go before those of
/// tokenizer.json, they are written into tokenizer.json. And if transformers would build another tokenizer from the class in
/// tokenizer_config.json, the class becomes the one that reads tokenizer.json as it stands.
/// </summary>
internal static class SavedTokenizerFiles
{
    /// <summary>The parts of tokenizer.json that may be changed.</summary>
    public static readonly string[] ChangedParts = ["normalizer", "pre_tokenizer"];

    // The class of transformers that does what tokenizer.json says and nothing of its own.
    private const string PlainClass = "PreTrainedTokenizerFast";

    private const string Json = TokenizerFileSet.TokenizerJson, Config = TokenizerFileSet.TokenizerConfig;

    /// <param name="files">The files that the tokenizer was read from, with a tokenizer.json.</param>
    /// <param name="hints">What the encoder's other files say.</param>
    /// <param name="parts">The tokenizer that was made of the files.</param>
    /// <param name="maxTokens">The number of tokens at which the encoder cuts a sentence.</param>
    public static IReadOnlyDictionary<string, byte[]> Of(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
    {
        var source = Complete(files, hints, parts, maxTokens);
        return SourceTokenizerFiles.Note(source, ForOtherReaders(source, hints, parts)).Files;
    }

    /// <summary>The files before they are changed for other readers. The fingerprint is made of them, so it is the same for what was
    /// saved and for what it was read from.</summary>
    public static IReadOnlyDictionary<string, byte[]> Unchanged(
        TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
        => Complete(files, hints, parts, maxTokens).Files;

    private static TokenizerFileSet Complete(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
    {
        files = SourceTokenizerFiles.Of(files, source => ForOtherReaders(source, hints, parts.WithTextRulesOf(source)));
        files = WithTruncationSide(files, parts);
        var names = OlderTokenizerFormats.NamesOf(files, hints);
        var config = new TokenizerConfigWriter(parts, new TokenizerConfig(files), names);
        bool needsConfig = !files.Has(Config);
        if (!files.Has(TokenizerFileSet.SpecialTokensMap)) files = files.With(File(TokenizerFileSet.SpecialTokensMap, config.WriteMap()));

        var vocabulary = OlderVocabularyFiles.Of(parts.Model).Where(file => !files.Has(file.Key)).ToList();
        if (names is not null && (needsConfig || vocabulary.Count > 0))
        {
            var complete = files.With(vocabulary);
            if (needsConfig) complete = complete.With(File(Config, config.WriteConfig(names.Class, maxTokens)));
            if (OlderTokenizerFormats.Give(parts, complete, hints)) return complete;
        }
        return needsConfig ? files.With(File(Config, config.WriteConfig(PlainClass, maxTokens))) : files;
    }

    // Readers that rebuild a tokenizer from its class look for the side in tokenizer_config.json only.
    private static TokenizerFileSet WithTruncationSide(TokenizerFileSet files, TokenizerParts parts)
    {
        if (!parts.CutsLeft) return files;
        if (files.Json(Config) is not { } config || config.Optional(TokenizerConfig.TruncationSide) is not null) return files;
        var named = JsonNode.Parse(config.Element.GetRawText())!.AsObject();
        named[TokenizerConfig.TruncationSide] = TokenizerConfig.Left;
        return files.With(File(Config, TokenizerJsonWriter.ToBytes(named)));
    }

    private static TokenizerFileSet ForOtherReaders(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts)
    {
        if (new TokenizerConfig(files).IsPlainClass) return files;
        files = WithTextRules(files, parts);
        return TransformersClass.Builds(parts, files, hints) ? files : WithPlainClass(files, parts);
    }

    // Readers that do not know the class do not look for settings such as do_lower_case, so tokenizer.json must say what is done.
    private static TokenizerFileSet WithTextRules(TokenizerFileSet files, TokenizerParts parts)
    {
        var root = files.Json(Json)!.Value;
        if (parts.Normalizer is BertTextNormalizer normalizer && root.Optional(ChangedParts[0]) is { } stated
            && !normalizer.Equals(TextNormalizers.Create(stated)))
            files = WithPart(files, ChangedParts[0], normalizer.ToJson());
        if (parts.PreTokenizer is ByteLevelPreTokenizer preTokenizer && root.Optional(ChangedParts[1]) is { } cutting
            && !preTokenizer.Equals(PreTokenizerReader.Create(cutting)))
        {
            var json = preTokenizer.ToJson();
            json["trim_offsets"] = cutting.Flag("trim_offsets", true);
            files = WithPart(files, ChangedParts[1], json);
        }
        return files;
    }

    private static TokenizerFileSet WithPart(TokenizerFileSet files, string part, JsonObject json)
        => files.With(File(Json, TokenizerJsonPart.Replace(files.Files[Json], part, json.ToJsonString())!));

    private static TokenizerFileSet WithPlainClass(TokenizerFileSet files, TokenizerParts parts)
    {
        var json = JsonNode.Parse(files.Files[Config])!.AsObject();
        json["tokenizer_class"] = PlainClass;
        // With these two, transformers puts special tokens of its own around a text, also with this class.
        json.Remove("add_bos_token");
        json.Remove("add_eos_token");
        // In some versions this one, false by default, went before tokenizer.json's.
        if (parts.PreTokenizer is ByteLevelPreTokenizer { AddPrefixSpace: var prefix }
            && (new TokenizerConfig(files).AddsPrefixSpace ?? false) != prefix)
            json["add_prefix_space"] = prefix;
        return files.With(File(Config, TokenizerJsonWriter.ToBytes(json)));
    }

    private static KeyValuePair<string, byte[]> File(string name, byte[] bytes) => new(name, bytes);
}
