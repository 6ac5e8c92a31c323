using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>vocab.json, merges.txt and tokenizer_config.json: RoBERTa.</summary>
internal static class OlderBytePairFormat
{
    public static byte[] Write(TokenizerFileSet files, SpecialTokenNames names)
    {
        var config = new TokenizerConfig(files);
        const string Name = TokenizerFileSet.BytePairVocabulary;
        var vocabulary = Vocabulary.Read(files.Json(Name) ?? throw files.Wrong(Name, "is missing"));
        var merges = BytePairMerges.Lines(files, TokenizerFileSet.BytePairMerges, vocabulary);
        var special = new OlderSpecialTokens(files, config, vocabulary, Name, names);
        var preTokenizer = config.Apply(new ByteLevelPreTokenizer(AddPrefixSpace: false, Cut: true)).ToJson();
        return TokenizerJsonWriter.Write(special, names, normalizer: null, preTokenizer, new JsonObject { ["type"] = "ByteLevel" }, writer =>
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
            foreach (var merge in merges) writer.WriteStringValue(merge);
            writer.WriteEndArray();
        });
    }
}
