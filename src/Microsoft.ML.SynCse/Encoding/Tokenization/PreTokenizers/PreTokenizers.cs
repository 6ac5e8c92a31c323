namespace Microsoft.ML.SynCse;

/// <summary>The pre-tokenizers of tokenizer.json: one more is one file and one line here.</summary>
internal static class PreTokenizers
{
    private static readonly Listing<IPreTokenizer> _kinds = new(new()
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["Metaspace"] = MetaspacePreTokenizer.Read,
        ["Punctuation"] = PunctuationPreTokenizer.Read,
        ["Sequence"] = SequencePreTokenizer.Read,
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => new WhitespaceSplitPreTokenizer(),
    });

    public static IPreTokenizer Create(TokenizerNode part) => _kinds.Create(part);
}
