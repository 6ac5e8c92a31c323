using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>
/// The tokenizer files from before tokenizer.json: which are read follows from tokenizer_config.json's class or config.json's model_type.
/// They are made a tokenizer.json, which is then read as any other. One more kind is one line here.
/// </summary>
internal static class OlderTokenizerFormats
{
    private static readonly Dictionary<string, Kind> _byModelType = new()
    {
        ["bert"] = new(WriteWordPiece, SpecialTokenNames.Bert),
        ["camembert"] = new(OlderSentencePieceFormat.WriteCamembert, SpecialTokenNames.Camembert),
        ["distilbert"] = new(WriteWordPiece, SpecialTokenNames.Bert with { Class = "DistilBertTokenizer" }),
        ["electra"] = new(WriteWordPiece, SpecialTokenNames.Bert with { Class = "ElectraTokenizer" }),
        ["mpnet"] = new(WriteWordPiece, SpecialTokenNames.MPNet),
        ["roberta"] = new(WriteBytePairs, SpecialTokenNames.Roberta),
        ["xlm-roberta"] = new(OlderSentencePieceFormat.Write, SpecialTokenNames.XlmRoberta),
    };

    /// <summary>The names of the special tokens of the model's kind; null for a kind whose older files are not known.</summary>
    public static SpecialTokenNames? NamesOf(TokenizerFileSet files, TokenizerHints hints) => KindOf(files, hints)?.Names;

    /// <summary>The tokenizer.json that says what the older files say.</summary>
    public static byte[] WriteTokenizerJson(TokenizerFileSet files, TokenizerHints hints)
        => KindOf(files, hints) is { } kind ? kind.Write(files, kind.Names) : throw Unknown(files, hints);

    /// <summary>The tokenizer that the older files mean; null if they do not describe one.</summary>
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

    /// <summary>Whether the older files mean the tokenizer beside them.</summary>
    public static bool Give(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
    {
        try
        {
            var older = files.Without(TokenizerFileSet.TokenizerJson);
            byte[] json = WriteTokenizerJson(older, hints);
            // The texts are equal if tokenizer.json was made from these files.
            return json.AsSpan().SequenceEqual(files.Files[TokenizerFileSet.TokenizerJson]) || Read(older, json, hints).IsSameAs(parts);
        }
        catch (InvalidDataException)
        {
            // The older files do not describe this tokenizer; tokenizer.json does, and is enough.
            return false;
        }
    }

    private static TokenizerParts Read(TokenizerFileSet older, byte[] json, TokenizerHints hints)
        => TokenizerJsonFormat.Read(older.With(KeyValuePair.Create(TokenizerFileSet.TokenizerJson, json)), hints);

    // The tokenizer's class goes before the model's type: small multilingual encoders are a BERT with the tokenizer of XLM-RoBERTa.
    private static Kind? KindOf(TokenizerFileSet files, TokenizerHints hints)
    {
        var config = new TokenizerConfig(files);
        return _byModelType.Values.FirstOrDefault(kind => kind.Names.Class == config.Class)
            ?? (config.HasClassOfItsOwn || hints.ModelType is null ? null : _byModelType.GetValueOrDefault(hints.ModelType));
    }

    private static InvalidDataException Unknown(TokenizerFileSet files, TokenizerHints hints)
    {
        const string Json = TokenizerFileSet.TokenizerJson;
        var config = new TokenizerConfig(files);
        return config.HasClassOfItsOwn
            ? files.Wrong(TokenizerFileSet.TokenizerConfig,
                $"has the tokenizer_class '{config.Class}', whose other tokenizer files are not known here (known are those of "
                + $"{string.Join(", ", _byModelType.Values.Select(kind => kind.Names.Class).Order(StringComparer.Ordinal))}); "
                + $"give its {Json}")
            : files.Wrong($"has no {Json}, and for the model_type '{hints.ModelType}' no other tokenizer files are known (known for "
                + $"{string.Join(", ", _byModelType.Keys.Order(StringComparer.Ordinal))}); save the tokenizer with a newer transformers");
    }

    // BERT and its family: vocab.txt and tokenizer_config.json.
    private static byte[] WriteWordPiece(TokenizerFileSet files, SpecialTokenNames names)
    {
        const string Name = TokenizerFileSet.WordPieceVocabulary;
        var config = new TokenizerConfig(files);
        var vocabulary = Vocabulary.Read(files, Name);
        var special = new OlderSpecialTokens(files, config, vocabulary, Name, names);
        if (vocabulary.IdOf(special.Unknown.Content) is null) throw files.Wrong(Name, $"lacks the unk_token '{special.Unknown.Content}'");
        var normalizer = config.Apply(
            new BertTextNormalizer { CleanText = true, HandleChineseChars = true, StripAccents = null, Lowercase = true });
        var preTokenizer = new JsonObject { ["type"] = "BertPreTokenizer" };
        var decoder = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true };
        return TokenizerJsonWriter.Write(special, names, normalizer.ToJson(), preTokenizer, decoder, writer =>
        {
            writer.WriteString("type", "WordPiece");
            writer.WriteString("unk_token", special.Unknown.Content);
            writer.WriteString("continuing_subword_prefix", "##");
            writer.WriteNumber("max_input_chars_per_word", 100);
            writer.WritePropertyName("vocab");
            vocabulary.WriteTo(writer);
        });
    }

    // RoBERTa: vocab.json, merges.txt and tokenizer_config.json.
    private static byte[] WriteBytePairs(TokenizerFileSet files, SpecialTokenNames names)
    {
        const string Name = TokenizerFileSet.BytePairVocabulary;
        var config = new TokenizerConfig(files);
        var vocabulary = Vocabulary.Read(files.Json(Name) ?? throw files.Wrong(Name, "is missing"));
        var merges = BytePairMerges.Lines(files, TokenizerFileSet.BytePairMerges, vocabulary);
        var special = new OlderSpecialTokens(files, config, vocabulary, Name, names);
        var preTokenizer = config.Apply(new ByteLevelPreTokenizer(AddPrefixSpace: false, Cut: true)).ToJson();
        var decoder = new JsonObject { ["type"] = "ByteLevel" };
        return TokenizerJsonWriter.Write(special, names, normalizer: null, preTokenizer, decoder, writer =>
        {
            writer.WriteString("type", "BPE");
            writer.WriteNull("dropout");
            writer.WriteNull("unk_token");
            writer.WriteNull("continuing_subword_prefix");
            writer.WriteNull("end_of_word_suffix");
            writer.WriteBoolean("fuse_unk", false);
            writer.WriteBoolean("byte_fallback", false);
            writer.WritePropertyName("vocab");
            vocabulary.WriteTo(writer);
            writer.WriteStartArray("merges");
            foreach (string merge in merges) writer.WriteStringValue(merge);
            writer.WriteEndArray();
        });
    }

    private sealed record Kind(Func<TokenizerFileSet, SpecialTokenNames, byte[]> Write, SpecialTokenNames Names);
}
