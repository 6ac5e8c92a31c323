namespace Microsoft.ML.SynCse;

/// <summary>What a kind of model calls its special tokens, and transformers its tokenizer, where its files do not say.</summary>
internal sealed record SpecialTokenNames(string Class, string Unknown, string Classifier, string Separator, string Padding, string Mask)
{
    public static SpecialTokenNames Bert { get; } = new("BertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]");

    public static SpecialTokenNames Roberta { get; } = new("RobertaTokenizer", "<unk>", "<s>", "</s>", "<pad>", "<mask>") { MaskStripsLeft = true, SeparatesTwice = true };

    public static SpecialTokenNames MPNet { get; } = Roberta with { Class = "MPNetTokenizer", Unknown = "[UNK]" };

    public static SpecialTokenNames XlmRoberta { get; } = Roberta with { Class = "XLMRobertaTokenizer" };

    public static SpecialTokenNames Camembert { get; } = XlmRoberta with { Class = "CamembertTokenizer" };

    /// <summary>Whether the blank before a mask belongs to it.</summary>
    public bool MaskStripsLeft { get; init; }

    /// <summary>Whether two separators stand between the sentences of a pair, and the separator and the classifier begin and end a text too.</summary>
    public bool SeparatesTwice { get; init; }
}
