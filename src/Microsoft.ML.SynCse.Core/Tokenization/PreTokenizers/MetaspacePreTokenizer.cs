using System.Buffers;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>SentencePiece's blanks: each is spelled as a visible character, one is put before the text, and each begins a piece.</summary>
/// <param name="Replacement">The character that a blank is spelled as.</param>
/// <param name="Scheme">Before which texts one is put, unless they begin with one.</param>
/// <param name="Cut">Whether text is cut; false: it is only spelled.</param>
internal sealed record MetaspacePreTokenizer(string Replacement, MetaspacePreTokenizer.PrependScheme Scheme, bool Cut) : IPreTokenizer
{
    internal enum PrependScheme
    {
        Always,
        First,
        Never,
    }

    public static MetaspacePreTokenizer Read(TokenizerNode part)
    {
        string replacement = part.RequiredText("replacement");
        if (Rune.DecodeFromUtf16(replacement, out _, out int length) != OperationStatus.Done || length != replacement.Length)
            throw part.Wrong("has a replacement that is not one character");
        var scheme = part.OptionalText("prepend_scheme") switch
        {
            null or "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw part.Wrong($"has the prepend_scheme '{other}', which is not supported; supported are always, first, never"),
        };
        // Older files have only add_prefix_space.
        return new(replacement, part.Flag("add_prefix_space", true) ? scheme : PrependScheme.Never, part.Flag("split", true));
    }

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        using var spelled = new PooledText(piece.Length + 8);
        if (Prepends(piece, atStart)) spelled.Append(Replacement);
        foreach (char character in piece)
        {
            if (character == ' ') spelled.Append(Replacement);
            else spelled.Append(character);
        }
        var rest = spelled.Span;
        while (Cut && rest[1..].IndexOf(Replacement) is >= 0 and var next)
        {
            if (!sink.Add(rest[..(next + 1)], atStart)) return false;
            rest = rest[(next + 1)..];
            atStart = false;
        }
        return sink.Add(rest, atStart);
    }

    /// <inheritdoc/>
    public AlignedText Spell(AlignedText text, bool atStart)
    {
        var result = new AlignedText.Builder(text);
        if (Prepends(text.Text, atStart)) result.Replace(0, 0, Replacement);
        for (int at = 0; at < text.Text.Length; at++)
        {
            if (text.Text[at] == ' ') result.Replace(at, at + 1, Replacement);
            else result.Keep(at, at + 1);
        }
        return result.Build();
    }

    private bool Prepends(ReadOnlySpan<char> piece, bool atStart)
        => (Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && atStart))
        && piece[0] != ' ' && !piece.StartsWith(Replacement);
}
