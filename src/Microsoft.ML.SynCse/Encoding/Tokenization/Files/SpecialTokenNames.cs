namespace Microsoft.ML.SynCse;

/// <summary>What a kind of model calls its special tokens where its files do not say.</summary>
internal sealed record SpecialTokenNames(string Unknown, string Classifier, string Separator, string Padding, string Mask)
{
    public static SpecialTokenNames Bert { get; } = new("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]");

    public static SpecialTokenNames Roberta { get; } = new("<unk>", "<s>", "</s>", "<pad>", "<mask>") { MaskStripsLeft = true };

    public static SpecialTokenNames MPNet { get; } = Roberta with { Unknown = "[UNK]" };

    /// <summary>Whether the blank before a mask belongs to it.</summary>
    public bool MaskStripsLeft { get; init; }
}
