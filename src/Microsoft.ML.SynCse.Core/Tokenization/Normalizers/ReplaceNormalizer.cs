using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Patterns;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Replaces what a pattern finds by another text.</summary>
/// <param name="Pattern">Finds the places.</param>
/// <param name="Content">The text that is put there, without regard to $ and \.</param>
internal sealed record ReplaceNormalizer(TextPattern Pattern, string Content) : ITextNormalizer
{
    // One character of a text may become this number of characters.
    private const int LongestContent = 32;

    public static ITextNormalizer Read(TokenizerNode part)
    {
        var pattern = TextPattern.Read(part.Required("pattern"));
        string content = part.RequiredText("content");
        if (content.Length > LongestContent)
            throw part.Wrong($"has a content of {content.Length} characters; it may have {LongestContent}");
        return new ReplaceNormalizer(pattern, content);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The pattern takes too long on this text.</exception>
    public string Normalize(string text)
    {
        var found = Pattern.Find(text);
        if (found.Count == 0) return text;
        using var result = new PooledText(text.Length + 16);
        int taken = 0;
        foreach (var (start, end) in found)
        {
            result.Append(text.AsSpan(taken, start - taken));
            result.Append(Content);
            taken = end;
        }
        result.Append(text.AsSpan(taken));
        return result.ToString();
    }

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        var result = new AlignedText.Builder(text);
        int taken = 0;
        foreach (var (start, end) in Pattern.Find(text.Text))
        {
            result.Keep(taken, start);
            result.Replace(start, end, Content);
            taken = end;
        }
        result.Keep(taken, text.Text.Length);
        return result.Build();
    }
}

/// <summary>Puts a string before text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part) => new PrependNormalizer(part.RequiredText("prepend"));

    /// <inheritdoc/>
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        if (text.Text.Length == 0) return text;
        var result = new AlignedText.Builder(text);
        result.Replace(0, 0, prefix);
        result.Keep(0, text.Text.Length);
        return result.Build();
    }
}

/// <summary>Removes white space at the ends of a text.</summary>
internal sealed class StripNormalizer(bool left, bool right) : ITextNormalizer
{
    public static ITextNormalizer Read(TokenizerNode part)
        => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true));

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        int end = right ? text.Text.TrimEnd().Length : text.Text.Length;
        int start = left ? Math.Min(end, text.Text.Length - text.Text.TrimStart().Length) : 0;
        return text.Slice(start, end - start);
    }
}
