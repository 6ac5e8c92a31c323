using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>
/// The files that a tokenizer is saved as: those it was read from, byte for byte, and beside them what other readers look for:
/// tokenizer.json, tokenizer_config.json and special_tokens_map.json always, the older vocabulary files where they amount to the same
/// tokenizer. Two things are changed, so that every reader makes the same tokens: where tokenizer_config.json's settings go before
/// tokenizer.json's, tokenizer.json says what is done; and where transformers would build another tokenizer from the class that
/// tokenizer_config.json names, it names the one that reads tokenizer.json as it stands.
/// </summary>
internal static class SavedTokenizerFiles
{
    // The class of transformers that does what tokenizer.json says and nothing of its own.
    private const string PlainClass = "PreTrainedTokenizerFast";

    /// <param name="files">What the tokenizer was read from; has a tokenizer.json.</param>
    /// <param name="hints">What the encoder's other files say.</param>
    /// <param name="parts">What was made of the files.</param>
    /// <param name="maxTokens">The number of tokens at which the encoder cuts a sentence.</param>
    public static IReadOnlyDictionary<string, byte[]> Of(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
    {
        var source = Complete(files, hints, parts, maxTokens);
        return SourceTokenizerFiles.Note(source, ForOtherReaders(source, hints, parts)).Files;
    }

    /// <summary>The files before they are changed for other readers, which the fingerprint is made of: the same for what was saved and
    /// for what it was read from.</summary>
    public static IReadOnlyDictionary<string, byte[]> Unchanged(
        TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens) =>
        Complete(files, hints, parts, maxTokens).Files;

    private static TokenizerFileSet Complete(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
    {
        files = SourceTokenizerFiles.Of(files, source => ForOtherReaders(source, hints, parts.WithTextRulesOf(source)));
        files = TruncationSide.NamedIn(files, parts);
        var names = OlderTokenizerFormats.NamesOf(files, hints);
        var config = new TokenizerConfigWriter(parts, new TokenizerConfig(files), names);
        var needsConfig = !files.Has(TokenizerFileSet.TokenizerConfig);
        if (!files.Has(TokenizerFileSet.SpecialTokensMap)) files = files.With(File(TokenizerFileSet.SpecialTokensMap, config.WriteMap()));

        var vocabulary = OlderVocabularyFiles.Of(parts.Model).Where(file => !files.Has(file.Key)).ToList();
        if (names is not null && (needsConfig || vocabulary.Count > 0))
        {
            var complete = files.With(vocabulary);
            if (needsConfig) complete = complete.With(File(TokenizerFileSet.TokenizerConfig, config.WriteConfig(names.Class, maxTokens)));
            if (OlderTokenizerFormats.Give(parts, complete, hints)) return complete;
        }
        return needsConfig ? files.With(File(TokenizerFileSet.TokenizerConfig, config.WriteConfig(PlainClass, maxTokens))) : files;
    }

    private static TokenizerFileSet ForOtherReaders(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts)
    {
        if (new TokenizerConfig(files).IsPlainClass) return files;
        files = EffectiveTokenizerJson.WriteInto(files, parts);
        return TransformersClass.Builds(parts, files, hints) ? files : WithPlainClass(files, parts);
    }

    private static TokenizerFileSet WithPlainClass(TokenizerFileSet files, TokenizerParts parts)
    {
        var json = JsonNode.Parse(files.Files[TokenizerFileSet.TokenizerConfig])!.AsObject();
        json["tokenizer_class"] = PlainClass;
        // These two make transformers put its own frame around a text, also with this class.
        json.Remove("add_bos_token");
        json.Remove("add_eos_token");
        // And this one, false where it is not there, went before tokenizer.json's in some versions.
        if (parts.PreTokenizer is ByteLevelPreTokenizer { AddPrefixSpace: var prefix }
            && (new TokenizerConfig(files).AddsPrefixSpace ?? false) != prefix)
            json["add_prefix_space"] = prefix;
        return files.With(File(TokenizerFileSet.TokenizerConfig, TokenizerConfigWriter.ToBytes(json)));
    }

    private static KeyValuePair<string, byte[]> File(string name, byte[] bytes) => new(name, bytes);
}
