using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Several normalizers, one after the other.</summary>
/// <param name="parts">The normalizers.</param>
/// <param name="complaint">Makes the exception for parts that make a text grow without measure, which names the file.</param>
internal sealed class SequenceNormalizer(ITextNormalizer[] parts, Func<string, Exception> complaint) : ITextNormalizer
{
    // Published files have ten. Unicode's own longest decomposition makes eighteen characters of one.
    private const int MostParts = 64, MostTimes = 32, Harmless = 1000;

    /// <summary>The normalizers, the first first.</summary>
    public IReadOnlyList<ITextNormalizer> Parts => parts;

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var listed = part.Required("normalizers").Items().Take(MostParts + 1).ToList();
        if (listed.Count > MostParts) throw part.Wrong($"has more than {MostParts} normalizers");
        // The part itself would keep the whole file in memory.
        var (files, file, path) = (part.Files, part.File, part.Path);
        return new SequenceNormalizer([.. listed.Select(TextNormalizers.Create)], what => files.Wrong(file, $"cannot be used: {path} {what}"));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The parts, each of which doubles a text, make it grow without measure.</exception>
    public string Normalize(string text)
    {
        var current = text;
        foreach (var part in parts)
        {
            current = part.Normalize(current);
            if (current.Length > (long)MostTimes * text.Length + Harmless) throw complaint($"makes {current.Length} characters of {text.Length}; a text may grow {MostTimes} times");
        }
        return current;
    }
}
