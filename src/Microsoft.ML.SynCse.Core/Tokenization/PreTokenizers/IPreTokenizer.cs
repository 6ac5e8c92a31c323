using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts text into pieces, which the subword model gets one by one. Safe from several threads.</summary>
internal interface IPreTokenizer
{
    /// <summary>Hands the parts of a piece, none of them empty, to <paramref name="sink"/>.</summary>
    /// <param name="piece">The piece; not empty.</param>
    /// <param name="atStart">Whether the piece begins where the sentence begins.</param>
    /// <param name="sink">Takes the parts.</param>
    /// <returns>False if the sink has enough.</returns>
    bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink);

    /// <summary>The same, with the places of the characters.</summary>
    void Split(AlignedText text, bool atStart, Action<AlignedText, bool> take)
        => Split(text.Text, atStart, new AlignedPieces(text.Text, Spell(text, atStart), take));

    /// <summary>The text as it is spelled in the pieces; only pre-tokenizers that do not hand on every piece as it is change it. They must
    /// hand on the whole of it, so that the places of the pieces are known.</summary>
    AlignedText Spell(AlignedText text, bool atStart) => text;

    /// <summary>Finds the places of pieces: in the text that is cut, or one after the other in the text as it is spelled.</summary>
    private sealed class AlignedPieces(string text, AlignedText spelled, Action<AlignedText, bool> take) : IPieceSink
    {
        private int _next;

        public bool Add(ReadOnlySpan<char> piece, bool atStart)
        {
            int start = text.AsSpan().Overlaps(piece, out int offset) ? offset : _next;
            _next = start + piece.Length;
            take(spelled.Slice(start, piece.Length), atStart);
            return true;
        }
    }
}

/// <summary>Takes the pieces of a text in their order.</summary>
internal interface IPieceSink
{
    /// <param name="piece">The piece.</param>
    /// <param name="atStart">Whether it begins where the sentence begins.</param>
    /// <returns>False if the sink has enough: what follows cannot change anything.</returns>
    bool Add(ReadOnlySpan<char> piece, bool atStart);
}

/// <summary>Reads the "pre_tokenizer" of tokenizer.json. One more kind is one class and one line here.</summary>
internal static class PreTokenizerReader
{
    private static readonly Listing<IPreTokenizer> _kinds = new(new()
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["CharDelimiterSplit"] = CharDelimiterSplit,
        ["Digits"] = CharacterSplitPreTokenizer.ReadDigits,
        ["Metaspace"] = MetaspacePreTokenizer.Read,
        ["Punctuation"] = CharacterSplitPreTokenizer.ReadPunctuation,
        ["Sequence"] = SequencePreTokenizer.Read,
        ["Split"] = PatternSplitPreTokenizer.Read,
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => new WhitespaceSplitPreTokenizer(),
    });

    public static IPreTokenizer Create(TokenizerNode part) => _kinds.Create(part);

    // The delimiter is one character, which is removed.
    private static IPreTokenizer CharDelimiterSplit(TokenizerNode part)
        => new PatternSplitPreTokenizer(TextPattern.Literal(part.Required("delimiter")), SplitBehavior.Removed, Invert: false);
}

/// <summary>Several pre-tokenizers: each cuts the pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IPreTokenizer[] parts) : IPreTokenizer, IEquatable<SequencePreTokenizer>
{
    /// <summary>The pre-tokenizers, in their order.</summary>
    public IReadOnlyList<IPreTokenizer> Parts => parts;

    public static IPreTokenizer Read(TokenizerNode part)
        => new SequencePreTokenizer([.. part.Required("pretokenizers").Items().Select(PreTokenizerReader.Create)]);

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        for (int i = parts.Length - 1; i >= 0; i--) sink = new Step(parts[i], sink);
        return sink.Add(piece, atStart);
    }

    /// <inheritdoc/>
    public void Split(AlignedText text, bool atStart, Action<AlignedText, bool> take)
    {
        foreach (var part in Enumerable.Reverse(parts))
        {
            var next = take;
            take = (piece, first) => part.Split(piece, first, next);
        }
        take(text, atStart);
    }

    /// <inheritdoc/>
    public bool Equals(SequencePreTokenizer? other) => other is not null && parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SequencePreTokenizer);

    /// <inheritdoc/>
    public override int GetHashCode() => parts.Length;

    private sealed class Step(IPreTokenizer part, IPieceSink next) : IPieceSink
    {
        public bool Add(ReadOnlySpan<char> piece, bool atStart) => part.Split(piece, atStart, next);
    }
}
