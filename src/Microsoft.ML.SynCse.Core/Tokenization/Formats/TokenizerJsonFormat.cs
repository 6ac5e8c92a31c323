using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>Reads tokenizer.json, which holds a whole tokenizer. Of its truncation only the side is read, of its padding only the id: the
/// caller decides how long a text may be.</summary>
internal static class TokenizerJsonFormat
{
    // What the BERT and RoBERTa families call their padding token.
    private static readonly string[] _usualPadding = ["[PAD]", "<pad>"];

    /// <summary>Whether the padding is a word of the vocabulary, taken because the model has no token for padding alone.</summary>
    public static bool PadsWithWord(TokenizerParts parts, string[] texts)
        => parts.AddedTokens.All(token => token.Id != parts.PadId) && !_usualPadding.Contains(parts.TextOf(parts.PadId, texts));

    public static TokenizerParts Read(TokenizerFileSet files, TokenizerHints hints)
    {
        var root = files.Json(TokenizerFileSet.TokenizerJson) ?? throw files.Wrong(TokenizerFileSet.TokenizerJson, "is missing");
        var config = new TokenizerConfig(files);
        var model = SubwordModels.Create(root.Required("model"));
        List<AddedToken> listed = [.. root.Optional("added_tokens")?.Items().Select(AddedTokenOf) ?? []];
        var added = AddedToken.Number(model.Vocabulary, listed, what => root.Wrong(what));
        int? padId = root.Optional("padding")?.Optional("pad_id")?.Id();
        var parts = new TokenizerParts
        {
            Model = model,
            Normalizer = Normalizer(root, config),
            PreTokenizer = PreTokenizer(root, config),
            PostProcessor = root.Optional("post_processor") is { } part ? PostProcessor.Create(part) : PostProcessor.None,
            AddedTokens = added,
            PadId = -1,
            LowerCaseFirst = hints.LowerCaseFirst,
        };
        parts = parts with { PadId = PadId(files, config, parts, padId, hints) };
        return parts with { CutsLeft = config.CutsLeft(root) };
    }

    /// <summary>What is done to a text before the model sees it.</summary>
    public static (ITextNormalizer? Normalizer, IPreTokenizer? PreTokenizer) TextRules(TokenizerFileSet files)
    {
        var (root, config) = (files.Json(TokenizerFileSet.TokenizerJson)!.Value, new TokenizerConfig(files));
        return (Normalizer(root, config), PreTokenizer(root, config));
    }

    private static AddedToken AddedTokenOf(TokenizerNode node)
        => AddedToken.Read(node, node.Required("id").Id(), normalized: !node.Flag("special", false));

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

    private static int PadId(
        TokenizerFileSet files, TokenizerConfig config, TokenizerParts parts, int? ofTokenizerJson, TokenizerHints hints)
    {
        if (config.SpecialTokenText("pad_token") is { } named)
            return parts.IdOf(named) ?? throw files.Wrong($"names the pad_token '{named}', which its tokenizer files do not know");
        return ofTokenizerJson ?? _usualPadding.Select(parts.IdOf).FirstOrDefault(id => id is not null) ?? hints.PadTokenId
            ?? throw files.Wrong($"names no padding token: give pad_token in {TokenizerFileSet.TokenizerConfig}");
    }
}
