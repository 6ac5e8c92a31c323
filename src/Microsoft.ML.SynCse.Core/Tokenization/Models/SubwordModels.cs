using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>The models of tokenizer.json: one more is one file and one line here.</summary>
internal static class SubwordModels
{
    private static readonly Listing<ISubwordModel> _kinds = new(new()
    {
        ["BPE"] = BytePairModel.Read,
        ["Unigram"] = UnigramModel.Read,
        ["WordLevel"] = WordLevelModel.Read,
        ["WordPiece"] = WordPieceModel.Read,
    });

    public static ISubwordModel Create(TokenizerNode part) =>
        // The first versions of the format did not name the model's type.
        part.Has("type") ? _kinds.Create(part) : part.Has("merges") ? BytePairModel.Read(part) : WordPieceModel.Read(part);
}
