namespace Microsoft.ML.SynCse;

/// <summary>The pre-tokenizers of tokenizer.json: one more is one file and one line here.</summary>
internal static class PreTokenizers
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

    // One character, which goes.
    private static IPreTokenizer CharDelimiterSplit(TokenizerNode part) =>
        new PatternSplitPreTokenizer(TextPattern.Literal(part.Required("delimiter")), SplitBehavior.Removed, Invert: false);

    public static IPreTokenizer Create(TokenizerNode part) => _kinds.Create(part);
}
