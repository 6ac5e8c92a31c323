namespace Microsoft.ML.SynCse;

/// <summary>The tokenizer files from before tokenizer.json, by config.json's model_type: one more is one line here.</summary>
internal static class OlderTokenizerFormats
{
    private static readonly Dictionary<string, (Func<TokenizerFileSet, SpecialTokenNames, byte[]> Write, SpecialTokenNames Names)> _byModelType = new()
    {
        ["bert"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert),
        ["distilbert"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert with { Class = "DistilBertTokenizer" }),
        ["electra"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert with { Class = "ElectraTokenizer" }),
        ["mpnet"] = (OlderWordPieceFormat.Write, SpecialTokenNames.MPNet),
        ["roberta"] = (OlderBytePairFormat.Write, SpecialTokenNames.Roberta),
        ["xlm-roberta"] = (OlderSentencePieceFormat.Write, SpecialTokenNames.XlmRoberta),
    };

    /// <summary>How a kind of model calls its special tokens; null where no older files of it are known.</summary>
    public static SpecialTokenNames? NamesOf(string? modelType) => modelType is not null && _byModelType.TryGetValue(modelType, out var kind) ? kind.Names : null;

    /// <summary>The tokenizer.json that says what the older files say.</summary>
    public static byte[] WriteTokenizerJson(TokenizerFileSet files, TokenizerHints hints) =>
        hints.ModelType is { } modelType && _byModelType.TryGetValue(modelType, out var kind)
            ? kind.Write(files, kind.Names)
            : throw files.Wrong($"has no {TokenizerFileSet.TokenizerJson}, and for the model_type '{hints.ModelType}' no other tokenizer files are known "
                + $"(known for {string.Join(", ", _byModelType.Keys.Order(StringComparer.Ordinal))}); save the tokenizer with a newer transformers");
}
