namespace Microsoft.ML.SynCse;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class SequenceNormalizer(ITextNormalizer[] parts) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part) => new SequenceNormalizer([.. part.Required("normalizers").Items().Select(TextNormalizers.Create)]);

    /// <inheritdoc/>
    public string Normalize(string text) => parts.Aggregate(text, (current, part) => part.Normalize(current));
}
