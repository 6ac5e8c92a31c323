using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>vocab.txt and tokenizer_config.json: BERT and its kin.</summary>
internal static class OlderWordPieceFormat
{
    public static byte[] Write(TokenizerFileSet files, SpecialTokenNames names)
    {
        var config = new TokenizerConfig(files);
        var vocabulary = Vocabulary.Read(files, TokenizerFileSet.WordPieceVocabulary);
        var special = new OlderSpecialTokens(files, config, vocabulary, TokenizerFileSet.WordPieceVocabulary, names);
        if (vocabulary.IdOf(special.Unknown.Content) is null)
            throw files.Wrong(TokenizerFileSet.WordPieceVocabulary, $"lacks the unk_token '{special.Unknown.Content}'");
        var normalizer = config.Apply(new BertTextNormalizer { CleanText = true, HandleChineseChars = true, StripAccents = null, Lowercase = true });
        var decoder = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true };
        return TokenizerJsonWriter.Write(special, names, normalizer.ToJson(), new JsonObject { ["type"] = "BertPreTokenizer" }, decoder, writer =>
        {
            writer.WriteString("type", "WordPiece");
            writer.WriteString("unk_token", special.Unknown.Content);
            writer.WriteString("continuing_subword_prefix", "##");
            writer.WriteNumber("max_input_chars_per_word", 100);
            writer.WritePropertyName("vocab");
            vocabulary.WriteTo(writer);
        });
    }
}
