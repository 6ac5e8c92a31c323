using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>A piece is a token or unknown.</summary>
internal sealed class WordLevelModel : ISubwordModel
{
    private readonly int _unknown;

    private WordLevelModel(Vocabulary vocabulary, int unknown) => (Vocabulary, _unknown) = (vocabulary, unknown);

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    public static WordLevelModel Read(TokenizerNode part)
    {
        var vocabulary = Vocabulary.Read(part.Required("vocab"));
        var unknown = part.OptionalText("unk_token") ?? "<unk>";
        return new(vocabulary, vocabulary.IdOf(unknown) ?? throw part.Wrong($"has the unk_token '{unknown}', which its vocab lacks"));
    }

    /// <inheritdoc/>
    public string? UnknownToken => Vocabulary.TokenOf(_unknown);

    /// <inheritdoc/>
    public bool IsSameAs(ISubwordModel other) =>
        other is WordLevelModel model && _unknown == model._unknown && Vocabulary.IsSameAs(model.Vocabulary);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids) => ids.Add(Vocabulary.IdOf(piece.ToString()) ?? _unknown);
}
