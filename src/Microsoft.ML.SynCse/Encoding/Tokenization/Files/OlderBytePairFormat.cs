namespace Microsoft.ML.SynCse;

/// <summary>vocab.json, merges.txt and tokenizer_config.json: RoBERTa.</summary>
internal static class OlderBytePairFormat
{
    public static TokenizerParts Read(TokenizerFileSet files, TokenizerHints hints, SpecialTokenNames names)
    {
        var config = new TokenizerConfig(files);
        const string Name = TokenizerFileSet.BytePairVocabulary;
        var vocabulary = Vocabulary.Read(files.Json(Name) ?? throw files.Wrong(Name, "is missing"));
        var merges = BytePairMerges.Read(files, TokenizerFileSet.BytePairMerges, vocabulary);
        var special = new OlderSpecialTokens(files, config, vocabulary, names);
        return new TokenizerParts
        {
            Model = BytePairModel.Create(vocabulary, merges),
            Normalizer = null,
            PreTokenizer = config.Apply(new ByteLevelPreTokenizer(AddPrefixSpace: false, Cut: true)),
            Frame = new SpecialTokenFrame([special.Classifier], [special.Separator]),
            AddedTokens = special.All,
            PadId = PaddingToken.IdOf(files, config, vocabulary, special.All, ofTokenizerJson: null, hints),
            LowerCaseFirst = hints.LowerCaseFirst,
        };
    }
}
