using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>Finds the id that fills short rows.</summary>
internal static class PaddingToken
{
    // Where no file names one: what BERT's and RoBERTa's kin call it.
    private static readonly string[] _usual = ["[PAD]", "<pad>"];

    public static int IdOf(
        TokenizerFileSet files, TokenizerConfig config, Vocabulary vocabulary, IReadOnlyList<AddedToken> added, int? ofTokenizerJson, TokenizerHints hints)
    {
        int? Find(string token) => added.FirstOrDefault(candidate => candidate.Content == token)?.Id ?? vocabulary.IdOf(token);

        if (config.SpecialTokenText("pad_token") is { } named)
            return Find(named) ?? throw files.Wrong($"names the pad_token '{named}', which its tokenizer files do not know");
        return ofTokenizerJson ?? _usual.Select(Find).FirstOrDefault(id => id is not null) ?? hints.PadTokenId
            ?? throw files.Wrong($"names no padding token: give pad_token in {TokenizerFileSet.TokenizerConfig}");
    }
}
