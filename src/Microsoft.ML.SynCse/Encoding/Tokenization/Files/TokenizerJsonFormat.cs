namespace Microsoft.ML.SynCse;

/// <summary>tokenizer.json: everything in one file. Of its truncation the side is read, of its padding the id; how long a text may be is
/// the caller's affair.</summary>
internal static class TokenizerJsonFormat
{
    public static TokenizerParts Read(TokenizerFileSet files, TokenizerHints hints)
    {
        var root = files.Json(TokenizerFileSet.TokenizerJson) ?? throw files.Wrong(TokenizerFileSet.TokenizerJson, "is missing");
        var config = new TokenizerConfig(files);
        var model = SubwordModels.Create(root.Required("model"));
        List<AddedToken> listed = [.. root.Optional("added_tokens")?.Items().Select(AddedTokenOf) ?? []];
        var added = AddedTokenRules.Number(model.Vocabulary, listed, what => root.Wrong(what));
        var padId = root.Optional("padding")?.Optional("pad_id")?.Id();
        return new TokenizerParts
        {
            Model = model,
            Normalizer = root.Optional("normalizer") is { } normalizer ? Normalizer(normalizer, config) : null,
            PreTokenizer = root.Optional("pre_tokenizer") is { } preTokenizer ? PreTokenizer(preTokenizer, config) : null,
            Frame = root.Optional("post_processor") is { } postProcessor ? PostProcessors.Create(postProcessor) : SpecialTokenFrame.None,
            AddedTokens = added,
            PadId = PaddingToken.IdOf(files, config, model.Vocabulary, added, padId, hints),
            LowerCaseFirst = hints.LowerCaseFirst,
            CutsLeft = TruncationSide.IsLeft(root, config),
        };
    }

    private static AddedToken AddedTokenOf(TokenizerNode node) => AddedToken.Read(node, node.Required("id").Id(), normalized: !node.Flag("special", false));

    private static ITextNormalizer Normalizer(TokenizerNode part, TokenizerConfig config)
    {
        var normalizer = TextNormalizers.Create(part);
        return normalizer is BertTextNormalizer bert ? config.Apply(bert) : normalizer;
    }

    private static IPreTokenizer PreTokenizer(TokenizerNode part, TokenizerConfig config)
    {
        var preTokenizer = PreTokenizers.Create(part);
        return preTokenizer is ByteLevelPreTokenizer byteLevel ? config.Apply(byteLevel) : preTokenizer;
    }
}
