using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>Turns a piece of text into the ids of its subwords. Safe from several threads.</summary>
internal interface ISubwordModel
{
    /// <summary>The model's own tokens, without added tokens.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The token that stands for text without a token; null if there is none.</summary>
    string? UnknownToken { get; }

    /// <summary>What a token begins with that is not the first of its word, such as "##"; "" for nothing.</summary>
    string ContinuingPrefix => "";

    /// <summary>What the last token of a word ends with; "" for nothing.</summary>
    string EndOfWordSuffix => "";

    /// <summary>Whether the other model is known to turn every text into the same ids.</summary>
    bool IsSameAs(ISubwordModel other);

    /// <summary>Appends the ids of a piece that is not empty.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids);
}

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

    public static ISubwordModel Create(TokenizerNode part)
        => // The first versions of the format did not name the model's type.
        part.Has("type") ? _kinds.Create(part) : part.Has("merges") ? BytePairModel.Read(part) : WordPieceModel.Read(part);
}

/// <summary>A piece is one token, or unknown.</summary>
internal sealed class WordLevelModel : ISubwordModel
{
    private readonly int _unknown;

    private WordLevelModel(Vocabulary vocabulary, int unknown) => (Vocabulary, _unknown) = (vocabulary, unknown);

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    public static WordLevelModel Read(TokenizerNode part)
    {
        var vocabulary = Vocabulary.Read(part.Required("vocab"));
        string unknown = part.OptionalText("unk_token") ?? "<unk>";
        return new(vocabulary, vocabulary.IdOf(unknown) ?? throw part.Wrong($"has the unk_token '{unknown}', which its vocab lacks"));
    }

    /// <inheritdoc/>
    public string? UnknownToken => Vocabulary.TokenOf(_unknown);

    /// <inheritdoc/>
    public bool IsSameAs(ISubwordModel other)
        => other is WordLevelModel model && _unknown == model._unknown && Vocabulary.IsSameAs(model.Vocabulary);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids) => ids.Add(Vocabulary.IdOf(piece.ToString()) ?? _unknown);
}
