namespace Microsoft.ML.SynCse;

/// <summary>The tokenizer files from before tokenizer.json, by config.json's model_type: one more is one line here.</summary>
internal static class OlderTokenizerFormats
{
    private static readonly Dictionary<string, Func<TokenizerFileSet, TokenizerHints, TokenizerParts>> _byModelType = new()
    {
        ["bert"] = (files, hints) => OlderWordPieceFormat.Read(files, hints, SpecialTokenNames.Bert),
        ["distilbert"] = (files, hints) => OlderWordPieceFormat.Read(files, hints, SpecialTokenNames.Bert),
        ["electra"] = (files, hints) => OlderWordPieceFormat.Read(files, hints, SpecialTokenNames.Bert),
        ["mpnet"] = (files, hints) => OlderWordPieceFormat.Read(files, hints, SpecialTokenNames.MPNet),
        ["roberta"] = (files, hints) => OlderBytePairFormat.Read(files, hints, SpecialTokenNames.Roberta),
    };

    public static TokenizerParts Read(TokenizerFileSet files, TokenizerHints hints) =>
        hints.ModelType is { } modelType && _byModelType.TryGetValue(modelType, out var read)
            ? read(files, hints)
            : throw files.Wrong($"has no {TokenizerFileSet.TokenizerJson}, and for the model_type '{hints.ModelType}' no other tokenizer files are known "
                + $"(known for {string.Join(", ", _byModelType.Keys.Order(StringComparer.Ordinal))}); save the tokenizer with a newer transformers");
}
