namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>The tokenizer files from before tokenizer.json, by tokenizer_config.json's class or config.json's model_type: one more is one line here.</summary>
internal static class OlderTokenizerFormats
{
    private static readonly Dictionary<string, (Func<TokenizerFileSet, SpecialTokenNames, byte[]> Write, SpecialTokenNames Names)> _byModelType = new()
    {
        ["bert"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert),
        ["camembert"] = (OlderSentencePieceFormat.WriteCamembert, SpecialTokenNames.Camembert),
        ["distilbert"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert with { Class = "DistilBertTokenizer" }),
        ["electra"] = (OlderWordPieceFormat.Write, SpecialTokenNames.Bert with { Class = "ElectraTokenizer" }),
        ["mpnet"] = (OlderWordPieceFormat.Write, SpecialTokenNames.MPNet),
        ["roberta"] = (OlderBytePairFormat.Write, SpecialTokenNames.Roberta),
        ["xlm-roberta"] = (OlderSentencePieceFormat.Write, SpecialTokenNames.XlmRoberta),
    };

    /// <summary>How the model's kind calls its special tokens; null where no older files of it are known.</summary>
    public static SpecialTokenNames? NamesOf(TokenizerFileSet files, TokenizerHints hints) => KindOf(files, hints)?.Names;

    /// <summary>The tokenizer.json that says what the older files say.</summary>
    public static byte[] WriteTokenizerJson(TokenizerFileSet files, TokenizerHints hints) =>
        KindOf(files, hints) is var (write, names)
            ? write(files, names)
            : throw Unknown(files, hints);

    /// <summary>What the older files mean; null where they cannot say what a tokenizer does.</summary>
    public static TokenizerParts? TryRead(TokenizerFileSet files, TokenizerHints hints)
    {
        try
        {
            var older = files.Without(TokenizerFileSet.TokenizerJson);
            return Read(older, WriteTokenizerJson(older, hints), hints);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Whether the older files amount to the tokenizer beside them.</summary>
    public static bool Give(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
    {
        try
        {
            var older = files.Without(TokenizerFileSet.TokenizerJson);
            var json = WriteTokenizerJson(older, hints);
            // So it is where tokenizer.json was made from them.
            return json.AsSpan().SequenceEqual(files.Files[TokenizerFileSet.TokenizerJson]) || Read(older, json, hints).IsSameAs(parts);
        }
        catch (InvalidDataException)
        {
            // The older files cannot say what this tokenizer does; tokenizer.json does, and is enough.
            return false;
        }
    }

    private static TokenizerParts Read(TokenizerFileSet older, byte[] json, TokenizerHints hints) =>
        TokenizerJsonFormat.Read(older.With(KeyValuePair.Create(TokenizerFileSet.TokenizerJson, json)), hints);

    private static InvalidDataException Unknown(TokenizerFileSet files, TokenizerHints hints)
    {
        var config = new TokenizerConfig(files);
        return config.HasClassOfItsOwn
            ? files.Wrong(TokenizerFileSet.TokenizerConfig, $"has the tokenizer_class '{config.Class}', whose other tokenizer files are not known here "
                + $"(known are those of {string.Join(", ", _byModelType.Values.Select(kind => kind.Names.Class).Order(StringComparer.Ordinal))}); give its {TokenizerFileSet.TokenizerJson}")
            : files.Wrong($"has no {TokenizerFileSet.TokenizerJson}, and for the model_type '{hints.ModelType}' no other tokenizer files are known "
                + $"(known for {string.Join(", ", _byModelType.Keys.Order(StringComparer.Ordinal))}); save the tokenizer with a newer transformers");
    }

    // The tokenizer's class goes before the model's type: small multilingual encoders are a BERT with the tokenizer of XLM-RoBERTa.
    private static (Func<TokenizerFileSet, SpecialTokenNames, byte[]> Write, SpecialTokenNames Names)? KindOf(TokenizerFileSet files, TokenizerHints hints)
    {
        var config = new TokenizerConfig(files);
        foreach (var kind in _byModelType.Values)
            if (kind.Names.Class == config.Class) return kind;
        return !config.HasClassOfItsOwn && hints.ModelType is { } modelType && _byModelType.TryGetValue(modelType, out var ofType) ? ofType : null;
    }
}
