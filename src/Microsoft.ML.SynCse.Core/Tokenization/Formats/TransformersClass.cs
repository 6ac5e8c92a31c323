using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>
/// What a tokenizer class of transformers makes of tokenizer.json. From version 5 on it takes only the vocabulary from there and builds
/// the rest itself, so the class may mean another tokenizer than the file.
/// </summary>
internal static class TransformersClass
{
    private const int UnknownId = 3;

    // CamemBERT's class adds them itself if no file names others.
    private static readonly string[] _camembertsOwn = ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"];

    /// <summary>Whether the class that the files name, or the one of the model's type if they name none, builds the tokenizer of
    /// <paramref name="parts"/>. False if that is not known.</summary>
    public static bool Builds(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
        => // Not every version looks for names in special_tokens_map.json.
        BuildsBy(files, parts, hints) && BuildsBy(files.Without(TokenizerFileSet.SpecialTokensMap), parts, hints);

    private static bool BuildsBy(TokenizerFileSet files, TokenizerParts parts, TokenizerHints hints)
    {
        if (OlderTokenizerFormats.NamesOf(files, hints) is not { } names) return false;
        var config = new TokenizerConfig(files);
        if (!AddsTheSame(parts, config, names)) return false;
        return parts.Model is UnigramModel model ? BuildsPieces(parts, model, config, names) : BuildsWords(parts, files, hints);
    }

    // The classes of WordPiece and BPE do what their older files mean.
    private static bool BuildsWords(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
    {
        var vocabulary = OlderVocabularyFiles.Of(parts.Model).ToList();
        return vocabulary.Count > 0 && OlderTokenizerFormats.TryRead(files.With(vocabulary), hints) is { } built
            && Equals(built.Normalizer, parts.Normalizer) && Equals(built.PreTokenizer, parts.PreTokenizer)
            && built.PostProcessor.IsSameAs(parts.PostProcessor) && built.Model.IsSameAs(parts.Model);
    }

    // XLM-RoBERTa's and CamemBERT's classes: they take only the character map from the normalizer, and white space ends a piece.
    private static bool BuildsPieces(TokenizerParts parts, UnigramModel model, TokenizerConfig config, SpecialTokenNames names)
    {
        if (names != SpecialTokenNames.XlmRoberta && names != SpecialTokenNames.Camembert) return false;
        return config.AddsPrefixSpace != false && !model.HasByteFallback && model.UnknownId == UnknownId
            && (names != SpecialTokenNames.Camembert || IsFirst(model.Vocabulary, config.SpecialTokenText("unk_token") ?? names.Unknown))
            && IsTakenOver(parts.Normalizer) && Equals(parts.PreTokenizer, OlderSentencePieceFormat.UsualPreTokenizer)
            && parts.PostProcessor.Prefix is [var first] && first == parts.IdOf(config.SpecialTokenText("bos_token") ?? names.Classifier)
            && parts.PostProcessor.Suffix is [var last] && last == parts.IdOf(config.SpecialTokenText("eos_token") ?? names.Separator);
    }

    // CamemBERT's class looks for the unknown token by its text and takes the first one; a repeated piece has no id of its own.
    private static bool IsFirst(Vocabulary vocabulary, string unknown)
        => vocabulary.IdOf(unknown) == UnknownId && Enumerable.Range(0, UnknownId).All(id => vocabulary.TokenOf(id) is not null);

    // Runs of blanks are white space, which ends a piece whether they are made one blank or not.
    private static bool IsTakenOver(ITextNormalizer? normalizer) => normalizer switch
    {
        null or PrecompiledNormalizer => true,
        ReplaceNormalizer replace => MakesOneBlank(replace),
        SequenceNormalizer sequence => sequence.Parts is [PrecompiledNormalizer]
            || (sequence.Parts is [PrecompiledNormalizer, ReplaceNormalizer second] && MakesOneBlank(second)),
        _ => false,
    };

    private static bool MakesOneBlank(ReplaceNormalizer replace)
        => replace is { Content: " ", Pattern: var pattern } && pattern.IsExpression(" {2,}");

    // The class adds the tokens of added_tokens_decoder, else those of tokenizer.json, and the special tokens that it has names for.
    private static bool AddsTheSame(TokenizerParts parts, TokenizerConfig config, SpecialTokenNames names)
    {
        var added = parts.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        var usual = UsualTokens(config, names).ToHashSet(StringComparer.Ordinal);
        if (usual.Any(token => !added.ContainsKey(token) && parts.Model.Vocabulary.IdOf(token) is not null)) return false;
        if (names == SpecialTokenNames.Camembert && config.SpecialToken("additional_special_tokens") is null
            && _camembertsOwn.Any(token => !added.ContainsKey(token))) return false;
        if (config.AddedTokens is not { } decoder) return true;
        foreach (var (_, node) in decoder.Members())
        {
            var token = AddedToken.Read(node, 0, normalized: !node.Flag("special", false));
            if (!added.Remove(token.Content, out var known)) return false;
            if (known with { Id = 0, Special = false } != token with { Special = false }) return false;
        }
        // The class adds the rest only if it has names for them.
        var named = SpecialTokenNames.Fields.Select(config.SpecialTokenText).OfType<string>().Concat(usual)
            .ToHashSet(StringComparer.Ordinal);
        return added.Values.All(token => named.Contains(token.Content)
            && token is { StripLeft: false, StripRight: false, SingleWord: false, Normalized: false });
    }

    // The class's own names of special tokens, as far as no file names others.
    private static IEnumerable<string> UsualTokens(TokenizerConfig config, SpecialTokenNames names)
        => from usual in names.Usual where config.SpecialToken(usual.Field) is null select usual.Content;
}
