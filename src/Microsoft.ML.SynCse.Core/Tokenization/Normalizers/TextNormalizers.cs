using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>The normalizers of tokenizer.json: one more is one file and one line here.</summary>
internal static class TextNormalizers
{
    private static readonly Listing<ITextNormalizer> _kinds = new(new()
    {
        ["BertNormalizer"] = BertTextNormalizer.Read,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = part => UnicodeFormNormalizer.Read(part, System.Text.NormalizationForm.FormC),
        ["NFD"] = part => UnicodeFormNormalizer.Read(part, System.Text.NormalizationForm.FormD),
        ["NFKC"] = part => UnicodeFormNormalizer.Read(part, System.Text.NormalizationForm.FormKC),
        ["NFKD"] = part => UnicodeFormNormalizer.Read(part, System.Text.NormalizationForm.FormKD),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Read,
        ["Prepend"] = PrependNormalizer.Read,
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = SequenceNormalizer.Read,
        ["Strip"] = StripNormalizer.Read,
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    });

    public static ITextNormalizer Create(TokenizerNode part) => _kinds.Create(part);
}
