using System.Text;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>The vocabulary files from before tokenizer.json that a model is written as.</summary>
internal static class OlderVocabularyFiles
{
    /// <summary>vocab.txt, or vocab.json and merges.txt; none where the model has no such file.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> Of(ISubwordModel model) => model switch
    {
        WordPieceModel => [KeyValuePair.Create(TokenizerFileSet.WordPieceVocabulary, Lines(model.Vocabulary.InOrder()))],
        BytePairModel bytePairs =>
        [
            KeyValuePair.Create(TokenizerFileSet.BytePairVocabulary, Json(bytePairs.Vocabulary)),
            KeyValuePair.Create(TokenizerFileSet.BytePairMerges,
                Lines(bytePairs.MergesInOrder().Select(merge => $"{merge.Left} {merge.Right}").Prepend("#version: 0.2"))),
        ],
        _ => [],
    };

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n')));

    private static byte[] Json(Vocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, TokenizerJsonWriter.Options)) vocabulary.WriteTo(writer);
        return stream.ToArray();
    }
}
