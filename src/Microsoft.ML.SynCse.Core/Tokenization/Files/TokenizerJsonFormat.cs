using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

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
            Normalizer = Normalizer(root, config),
            PreTokenizer = PreTokenizer(root, config),
            Frame = root.Optional("post_processor") is { } postProcessor ? PostProcessorReader.Create(postProcessor) : SpecialTokenFrame.None,
            AddedTokens = added,
            PadId = PaddingToken.IdOf(files, config, model.Vocabulary, added, padId, hints),
            LowerCaseFirst = hints.LowerCaseFirst,
            CutsLeft = TruncationSide.IsLeft(root, config),
        };
    }

    private static AddedToken AddedTokenOf(TokenizerNode node) => AddedToken.Read(node, node.Required("id").Id(), normalized: !node.Flag("special", false));

    /// <summary>What is done to a text before the model sees it.</summary>
    public static (ITextNormalizer? Normalizer, IPreTokenizer? PreTokenizer) TextRules(TokenizerFileSet files)
    {
        var (root, config) = (files.Json(TokenizerFileSet.TokenizerJson)!.Value, new TokenizerConfig(files));
        return (Normalizer(root, config), PreTokenizer(root, config));
    }

    private static ITextNormalizer? Normalizer(TokenizerNode root, TokenizerConfig config)
    {
        if (root.Optional("normalizer") is not { } part) return null;
        var normalizer = TextNormalizers.Create(part);
        return normalizer is BertTextNormalizer bert ? config.Apply(bert) : normalizer;
    }

    private static IPreTokenizer? PreTokenizer(TokenizerNode root, TokenizerConfig config)
    {
        if (root.Optional("pre_tokenizer") is not { } part) return null;
        var preTokenizer = PreTokenizerReader.Create(part);
        return preTokenizer is ByteLevelPreTokenizer byteLevel ? config.Apply(byteLevel) : preTokenizer;
    }
}
