using Microsoft.ML.SynCse.Core.Tokenization.Files;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>The pre-tokenizers of tokenizer.json: one more is one file and one line here.</summary>
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

    // One character, which goes.
    private static IPreTokenizer CharDelimiterSplit(TokenizerNode part) =>
        new PatternSplitPreTokenizer(TextPattern.Literal(part.Required("delimiter")), SplitBehavior.Removed, Invert: false);

    public static IPreTokenizer Create(TokenizerNode part) => _kinds.Create(part);
}
