using System.Buffers;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>Finds added tokens in text, from left to right; of several at one place the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Node _root = new();
    private readonly SearchValues<char> _firstCharacters;

    /// <param name="tokens">The texts to look for, each with its token.</param>
    public AddedTokenFinder(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        foreach (var (pattern, token) in tokens)
        {
            var node = _root;
            foreach (char character in pattern)
                node = node.Next.TryGetValue(character, out var next) ? next : node.Next[character] = new Node();
            // Of two tokens with one pattern the first counts.
            if (pattern.Length > 0) node.Token ??= token;
        }
        _firstCharacters = SearchValues.Create([.. _root.Next.Keys]);
    }

    /// <summary>The next token, its white space included.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="searchFrom">Where to look from; set to the end of what was found.</param>
    /// <param name="taken">The end of the text that belongs to earlier tokens.</param>
    /// <param name="start">Where the token begins.</param>
    /// <param name="end">Where the text after it begins.</param>
    /// <returns>The token; null if there are no more.</returns>
    public AddedToken? Find(ReadOnlySpan<char> text, ref int searchFrom, int taken, out int start, out int end)
    {
        while (searchFrom < text.Length)
        {
            int offset = text[searchFrom..].IndexOfAny(_firstCharacters);
            if (offset < 0) break;
            start = searchFrom + offset;
            if (LongestAt(text, start, out end) is not { } token)
            {
                searchFrom = start + 1;
                continue;
            }
            searchFrom = end;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..]))) continue;
            if (token.StripLeft) start = Math.Max(text[..start].TrimEnd().Length, taken);
            if (token.StripRight) end = text.Length - text[end..].TrimStart().Length;
            return token;
        }
        searchFrom = start = end = text.Length;
        return null;
    }

    private AddedToken? LongestAt(ReadOnlySpan<char> text, int start, out int end)
    {
        var (node, found) = (_root, (AddedToken?)null);
        end = start;
        for (int at = start; at < text.Length && node.Next.TryGetValue(text[at], out var next); node = next)
        {
            at++;
            if (next.Token is null) continue;
            (found, end) = (next.Token, at);
        }
        return found;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.Is(rune, CharacterClass.Word);

    private static bool StartsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && CharacterClasses.Is(rune, CharacterClass.Word);

    private sealed class Node
    {
        public Dictionary<char, Node> Next { get; } = [];

        public AddedToken? Token { get; set; }
    }
}
