using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>The parts that make a tokenizer.</summary>
internal sealed record TokenizerParts
{
    public required ISubwordModel Model { get; init; }

    public required ITextNormalizer? Normalizer { get; init; }

    public required IPreTokenizer? PreTokenizer { get; init; }

    public required PostProcessor PostProcessor { get; init; }

    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required int PadId { get; init; }

    /// <summary>Whether text is lower-cased before all else: sentence-transformers' do_lower_case.</summary>
    public bool LowerCaseFirst { get; init; }

    /// <summary>Whether a text that is too long loses its first tokens instead of its last.</summary>
    public bool CutsLeft { get; init; }

    /// <summary>The id of an added token or a token of the vocabulary.</summary>
    public int? IdOf(string token) => AddedTokens.FirstOrDefault(added => added.Content == token)?.Id ?? Model.Vocabulary.IdOf(token);

    /// <summary>The text of a token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="texts">The texts of the model's own tokens by their ids; "" for an id without a token.</param>
    public string TextOf(int id, string[] texts) => (uint)id < (uint)texts.Length && texts[id].Length > 0
        ? texts[id] : AddedTokens.FirstOrDefault(token => token.Id == id)?.Content ?? "";

    /// <summary>The same parts with the normalizer and the pre-tokenizer that other files describe.</summary>
    public TokenizerParts WithTextRulesOf(TokenizerFileSet files)
    {
        var (normalizer, preTokenizer) = TokenizerJsonFormat.TextRules(files);
        return this with { Normalizer = normalizer, PreTokenizer = preTokenizer };
    }

    /// <summary>Whether the other parts are known to turn every text into the same ids.</summary>
    public bool IsSameAs(TokenizerParts other) => Equals(Normalizer, other.Normalizer) && Equals(PreTokenizer, other.PreTokenizer)
        && PadId == other.PadId && LowerCaseFirst == other.LowerCaseFirst && CutsLeft == other.CutsLeft
        && PostProcessor.IsSameAs(other.PostProcessor)
        && AddedTokens.OrderBy(token => token.Id).SequenceEqual(other.AddedTokens.OrderBy(token => token.Id))
        && Model.IsSameAs(other.Model);
}
