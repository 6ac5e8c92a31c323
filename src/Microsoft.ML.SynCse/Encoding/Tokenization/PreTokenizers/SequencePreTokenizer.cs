namespace Microsoft.ML.SynCse;

/// <summary>Several pre-tokenizers: each cuts what the one before left.</summary>
internal sealed class SequencePreTokenizer(IPreTokenizer[] parts) : IPreTokenizer
{
    public static IPreTokenizer Read(TokenizerNode part) => new SequencePreTokenizer([.. part.Required("pretokenizers").Items().Select(PreTokenizers.Create)]);

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, IPieceSink sink)
    {
        for (var i = parts.Length - 1; i >= 0; i--) sink = new Step(parts[i], sink);
        return sink.Add(piece);
    }

    private sealed class Step(IPreTokenizer part, IPieceSink next) : IPieceSink
    {
        public bool Add(ReadOnlySpan<char> piece) => part.Split(piece, next);
    }
}
