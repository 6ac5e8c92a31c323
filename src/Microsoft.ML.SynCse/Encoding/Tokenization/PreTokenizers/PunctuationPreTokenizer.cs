using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Cuts at punctuation, each character of which is a piece of its own, or goes, or joins a neighbour, as the file says.</summary>
internal sealed class PunctuationPreTokenizer(PunctuationPreTokenizer.Behavior behavior) : IPreTokenizer
{
    internal enum Behavior
    {
        Isolated,
        Removed,
        MergedWithPrevious,
        MergedWithNext,
        Contiguous,
    }

    public static IPreTokenizer Read(TokenizerNode part)
    {
        var name = part.OptionalText("behavior") ?? nameof(Behavior.Isolated);
        return Enum.GetNames<Behavior>().Contains(name, StringComparer.Ordinal)
            ? new PunctuationPreTokenizer(Enum.Parse<Behavior>(name))
            : throw part.Wrong($"has the behavior '{name}', which is not supported; supported are {string.Join(", ", Enum.GetNames<Behavior>())}");
    }

    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, IPieceSink sink)
    {
        var (start, afterPunctuation) = (0, false);
        for (var at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out var rune, out var length);
            var punctuation = CharacterClasses.Is(rune, CharacterClass.Punctuation);
            if (at > start && CutsBefore(afterPunctuation, punctuation))
            {
                if (!Hand(piece[start..at], afterPunctuation, sink)) return false;
                start = at;
            }
            afterPunctuation = punctuation;
            at += length;
        }
        return start == piece.Length || Hand(piece[start..], afterPunctuation, sink);
    }

    private bool CutsBefore(bool afterPunctuation, bool punctuation) => behavior switch
    {
        Behavior.MergedWithPrevious => afterPunctuation,
        Behavior.MergedWithNext => punctuation,
        Behavior.Contiguous => afterPunctuation != punctuation,
        _ => afterPunctuation || punctuation,
    };

    private bool Hand(ReadOnlySpan<char> part, bool punctuation, IPieceSink sink) => (behavior == Behavior.Removed && punctuation) || sink.Add(part);
}
