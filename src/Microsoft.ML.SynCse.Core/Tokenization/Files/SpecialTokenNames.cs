namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>What a kind of model calls its special tokens, and transformers its tokenizer, where its files do not say.</summary>
internal sealed record SpecialTokenNames(string Class, string Unknown, string Classifier, string Separator, string Padding, string Mask)
{
    public static SpecialTokenNames Bert { get; } = new("BertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]");

    public static SpecialTokenNames Roberta { get; } = new("RobertaTokenizer", "<unk>", "<s>", "</s>", "<pad>", "<mask>") { MaskStripsLeft = true, SeparatesTwice = true };

    public static SpecialTokenNames MPNet { get; } = Roberta with { Class = "MPNetTokenizer", Unknown = "[UNK]" };

    public static SpecialTokenNames XlmRoberta { get; } = Roberta with { Class = "XLMRobertaTokenizer" };

    public static SpecialTokenNames Camembert { get; } = XlmRoberta with { Class = "CamembertTokenizer" };

    /// <summary>The fields of tokenizer_config.json that name special tokens.</summary>
    public static readonly string[] Fields = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>The names by the fields that give others.</summary>
    public IEnumerable<(string Field, string Content)> Usual =>
    [
        ("unk_token", Unknown), ("sep_token", Separator), ("pad_token", Padding), ("cls_token", Classifier), ("mask_token", Mask),
        .. SeparatesTwice ? [("bos_token", Classifier), ("eos_token", Separator)] : Array.Empty<(string, string)>(),
    ];

    /// <summary>Whether the blank before a mask belongs to it.</summary>
    public bool MaskStripsLeft { get; init; }

    /// <summary>Whether two separators stand between the sentences of a pair, and the separator and the classifier begin and end a text too.</summary>
    public bool SeparatesTwice { get; init; }
}
