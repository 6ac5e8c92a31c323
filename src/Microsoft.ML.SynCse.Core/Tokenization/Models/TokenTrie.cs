namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>Tokens by their characters. The children of a node lie side by side, in the order of their characters.</summary>
internal sealed class TokenTrie
{
    /// <summary>The node of the empty text.</summary>
    public const int Root = 0;

    private const int FewChildren = 16;

    private readonly char[] _characters;
    private readonly int[] _firstChild;
    private readonly int[] _tokens;

    public TokenTrie(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        KeyValuePair<string, int>[] sorted = [.. tokens];
        Array.Sort(sorted, (left, right) => string.CompareOrdinal(left.Key, right.Key));

        // A node is a run of the sorted tokens that begin alike, up to a depth.
        List<(char Character, int First, int End, int Depth)> nodes = [('\0', 0, sorted.Length, 0)];
        var (firstChild, ids) = (new List<int>(), new List<int>());
        for (int node = 0; node < nodes.Count; node++)
        {
            var (_, at, end, depth) = nodes[node];
            ids.Add(at < end && sorted[at].Key.Length == depth ? sorted[at++].Value : -1);
            firstChild.Add(nodes.Count);
            while (at < end)
            {
                var (first, character) = (at, sorted[at].Key[depth]);
                while (at < end && sorted[at].Key[depth] == character) at++;
                nodes.Add((character, first, at, depth + 1));
            }
        }
        firstChild.Add(nodes.Count);
        _characters = [.. nodes.Select(node => node.Character)];
        (_firstChild, _tokens) = ([.. firstChild], [.. ids]);
    }

    /// <summary>The node that a character leads to, or -1.</summary>
    public int Child(int node, char character)
    {
        int first = _firstChild[node];
        var children = _characters.AsSpan(first.._firstChild[node + 1]);
        int at = children.Length <= FewChildren ? children.IndexOf(character) : children.BinarySearch(character);
        return at < 0 ? -1 : first + at;
    }

    /// <summary>The id of the token that ends at a node, or -1.</summary>
    public int TokenAt(int node) => _tokens[node];

    /// <summary>The id of a token, or -1.</summary>
    public int Find(ReadOnlySpan<char> token)
    {
        int node = Root;
        foreach (char character in token)
            if ((node = Child(node, character)) < 0) return -1;
        return TokenAt(node);
    }
}
