namespace Microsoft.ML.SynCse;

/// <summary>vocab.txt and tokenizer_config.json: BERT and its kin.</summary>
internal static class OlderWordPieceFormat
{
    public static TokenizerParts Read(TokenizerFileSet files, TokenizerHints hints, SpecialTokenNames names)
    {
        var config = new TokenizerConfig(files);
        var vocabulary = Vocabulary.Read(files, TokenizerFileSet.WordPieceVocabulary);
        var special = new OlderSpecialTokens(files, config, vocabulary, names);
        if (vocabulary.IdOf(special.Unknown.Content) is null)
            throw files.Wrong(TokenizerFileSet.WordPieceVocabulary, $"lacks the unk_token '{special.Unknown.Content}'");
        return new TokenizerParts
        {
            Model = WordPieceModel.Create(vocabulary, special.Unknown.Content, prefix: "##", longestWord: 100),
            Normalizer = config.Apply(new BertTextNormalizer { CleanText = true, HandleChineseChars = true, StripAccents = null, Lowercase = true }),
            PreTokenizer = new BertPreTokenizer(),
            Frame = new SpecialTokenFrame([special.Classifier], [special.Separator]),
            AddedTokens = special.All,
            PadId = PaddingToken.IdOf(files, config, vocabulary, special.All, ofTokenizerJson: null, hints),
            LowerCaseFirst = hints.LowerCaseFirst,
        };
    }
}
