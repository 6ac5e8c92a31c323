using System.Buffers;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Rewrites text before it is cut into pieces. Safe from several threads.</summary>
internal interface ITextNormalizer
{
    /// <param name="text">Well-formed text.</param>
    string Normalize(string text);

    /// <summary>The same, with the places of the characters.</summary>
    AlignedText Normalize(AlignedText text) => text.Map(Normalize);
}

/// <summary>Reads the "normalizer" of tokenizer.json. One more kind is one class and one line here.</summary>
internal static class TextNormalizers
{
    private static readonly Listing<ITextNormalizer> _kinds = new(new()
    {
        ["BertNormalizer"] = BertTextNormalizer.Read,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = part => UnicodeFormNormalizer.Read(part, NormalizationForm.FormC),
        ["NFD"] = part => UnicodeFormNormalizer.Read(part, NormalizationForm.FormD),
        ["NFKC"] = part => UnicodeFormNormalizer.Read(part, NormalizationForm.FormKC),
        ["NFKD"] = part => UnicodeFormNormalizer.Read(part, NormalizationForm.FormKD),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Read,
        ["Prepend"] = PrependNormalizer.Read,
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = SequenceNormalizer.Read,
        ["Strip"] = StripNormalizer.Read,
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    });

    public static ITextNormalizer Create(TokenizerNode part) => _kinds.Create(part);

    /// <summary>Whether the first character of a text is dropped. For Hugging Face, what follows it does not begin the sentence then; only
    /// Metaspace's "first" depends on it.</summary>
    public static bool LosesStart(ITextNormalizer? normalizer, string text)
    {
        if (normalizer is null || Rune.DecodeFromUtf16(text, out _, out int length) != OperationStatus.Done) return false;
        if (normalizer.Normalize(text[..length]).Length > 0) return false;
        // The character map does not count what it drops before it has kept anything.
        if (normalizer is not SequenceNormalizer sequence) return normalizer is not PrecompiledNormalizer;
        foreach (var part in sequence.Parts)
        {
            if (LosesStart(part, text)) return true;
            text = part.Normalize(text);
        }
        return false;
    }
}

/// <summary>Several normalizers, one after the other.</summary>
/// <param name="parts">The normalizers.</param>
/// <param name="complaint">Makes the exception, which names the file, for parts that make a text grow too much.</param>
internal sealed class SequenceNormalizer(ITextNormalizer[] parts, Func<string, Exception> complaint) : ITextNormalizer
{
    // Published files have up to ten parts. The longest decomposition of Unicode makes eighteen characters of one.
    private const int MostParts = 64, MostTimes = 32, Harmless = 1000;

    /// <summary>The normalizers, in their order.</summary>
    public IReadOnlyList<ITextNormalizer> Parts => parts;

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var listed = part.Required("normalizers").Items().Take(MostParts + 1).ToList();
        if (listed.Count > MostParts) throw part.Wrong($"has more than {MostParts} normalizers");
        // Only these are kept, because the part itself would keep the whole file in memory.
        var (files, file, path) = (part.Files, part.File, part.Path);
        return new SequenceNormalizer([.. listed.Select(TextNormalizers.Create)],
            what => files.Wrong(file, $"cannot be used: {path} {what}"));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The parts make the text grow too much, for example because each of them doubles
    /// it.</exception>
    public string Normalize(string text)
    {
        string current = text;
        foreach (var part in parts)
        {
            current = part.Normalize(current);
            CheckGrowth(text.Length, current.Length);
        }
        return current;
    }

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        var current = text;
        foreach (var part in parts)
        {
            current = part.Normalize(current);
            CheckGrowth(text.Text.Length, current.Text.Length);
        }
        return current;
    }

    private void CheckGrowth(int before, int after)
    {
        if (after > (long)MostTimes * before + Harmless)
            throw complaint($"makes {after} characters of {before}; a text may grow {MostTimes} times");
    }
}
