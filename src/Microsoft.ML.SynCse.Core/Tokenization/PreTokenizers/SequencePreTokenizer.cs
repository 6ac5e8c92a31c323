using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Several pre-tokenizers: each cuts what the one before left.</summary>
internal sealed class SequencePreTokenizer(IPreTokenizer[] parts) : IPreTokenizer, IEquatable<SequencePreTokenizer>
{
    public static IPreTokenizer Read(TokenizerNode part) =>
        new SequencePreTokenizer([.. part.Required("pretokenizers").Items().Select(PreTokenizerReader.Create)]);

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        for (var i = parts.Length - 1; i >= 0; i--) sink = new Step(parts[i], sink);
        return sink.Add(piece, atStart);
    }

    /// <inheritdoc/>
    public bool Equals(SequencePreTokenizer? other) => other is not null && parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SequencePreTokenizer);

    /// <inheritdoc/>
    public override int GetHashCode() => parts.Length;

    private IPreTokenizer[] Parts => parts;

    private sealed class Step(IPreTokenizer part, IPieceSink next) : IPieceSink
    {
        public bool Add(ReadOnlySpan<char> piece, bool atStart) => part.Split(piece, atStart, next);
    }
}
