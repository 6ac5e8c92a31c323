namespace Microsoft.ML.SynCse;

/// <summary>Several pre-tokenizers: each cuts what the one before left.</summary>
internal sealed class SequencePreTokenizer(IPreTokenizer[] parts) : IPreTokenizer
{
    /// <inheritdoc/>
    public IPreTokenizer BehindTheStart => new SequencePreTokenizer([.. parts.Select(part => part.BehindTheStart)]);

    public static IPreTokenizer Read(TokenizerNode part)
    {
        IPreTokenizer[] parts = [.. part.Required("pretokenizers").Items().Select(PreTokenizers.Create)];
        // A part sees pieces, and cannot tell which of them is the sentence's first.
        if (parts.Skip(1).Any(later => later is MetaspacePreTokenizer { Scheme: MetaspacePreTokenizer.PrependScheme.First }))
            throw part.Wrong("has a Metaspace with the prepend_scheme 'first' behind another pre-tokenizer, which is not supported");
        return new SequencePreTokenizer(parts);
    }

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
