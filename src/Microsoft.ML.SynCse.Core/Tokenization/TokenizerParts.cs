using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>What a tokenizer is put together from.</summary>
internal sealed record TokenizerParts
{
    public required ISubwordModel Model { get; init; }

    public required ITextNormalizer? Normalizer { get; init; }

    public required IPreTokenizer? PreTokenizer { get; init; }

    public required SpecialTokenFrame Frame { get; init; }

    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    public required int PadId { get; init; }

    /// <summary>Whether text is lower-cased before all else, as sentence-transformers does where it is asked to.</summary>
    public bool LowerCaseFirst { get; init; }

    /// <summary>Whether a text that is too long loses its first tokens and not its last.</summary>
    public bool CutsLeft { get; init; }

    /// <summary>The same with what other files say of a text before the model sees it.</summary>
    public TokenizerParts WithTextRulesOf(TokenizerFileSet files)
    {
        var (normalizer, preTokenizer) = TokenizerJsonFormat.TextRules(files);
        return this with { Normalizer = normalizer, PreTokenizer = preTokenizer };
    }

    /// <summary>Whether the other parts make a tokenizer that turns every text into the same ids, as far as can be told.</summary>
    public bool IsSameAs(TokenizerParts other) => Equals(Normalizer, other.Normalizer) && Equals(PreTokenizer, other.PreTokenizer) && PadId == other.PadId
        && LowerCaseFirst == other.LowerCaseFirst && CutsLeft == other.CutsLeft
        && Frame.Before.SequenceEqual(other.Frame.Before) && Frame.Behind.SequenceEqual(other.Frame.Behind)
        && AddedTokens.OrderBy(token => token.Id).SequenceEqual(other.AddedTokens.OrderBy(token => token.Id)) && Model.IsSameAs(other.Model);
}
