using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>
/// Writes into tokenizer.json what tokenizer_config.json makes of it: where a class has settings such as do_lower_case, those go before
/// the file's own, and readers that do not know the class would make other tokens.
/// </summary>
internal static class EffectiveTokenizerJson
{
    /// <summary>The parts that may be written.</summary>
    public static readonly string[] Parts = ["normalizer", "pre_tokenizer"];

    /// <summary>The same files where tokenizer.json says what is done.</summary>
    public static TokenizerFileSet WriteInto(TokenizerFileSet files, TokenizerParts parts)
    {
        var root = files.Json(TokenizerFileSet.TokenizerJson)!.Value;
        if (parts.Normalizer is BertTextNormalizer normalizer && root.Optional(Parts[0]) is { } stated
            && !normalizer.Equals(TextNormalizers.Create(stated)))
            files = With(files, Parts[0], normalizer.ToJson());
        if (parts.PreTokenizer is ByteLevelPreTokenizer preTokenizer && root.Optional(Parts[1]) is { } cutting
            && !preTokenizer.Equals(PreTokenizerReader.Create(cutting)))
        {
            var json = preTokenizer.ToJson();
            json["trim_offsets"] = cutting.Flag("trim_offsets", true);
            files = With(files, Parts[1], json);
        }
        return files;
    }

    private static TokenizerFileSet With(TokenizerFileSet files, string part, JsonObject json)
    {
        const string Name = TokenizerFileSet.TokenizerJson;
        return files.With(KeyValuePair.Create(Name, TokenizerJsonPart.Replace(files.Files[Name], part, json.ToJsonString())!));
    }
}
