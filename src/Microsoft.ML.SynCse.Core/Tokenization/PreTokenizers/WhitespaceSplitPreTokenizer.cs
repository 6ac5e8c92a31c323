namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts at white space, which goes.</summary>
internal sealed record WhitespaceSplitPreTokenizer : IPreTokenizer
{
    /// <inheritdoc/>
    public bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink)
    {
        var start = 0;
        // White space is never a surrogate pair.
        for (var at = 0; at < piece.Length; at++)
        {
            if (!char.IsWhiteSpace(piece[at])) continue;
            if (at > start && !sink.Add(piece[start..at], atStart && start == 0)) return false;
            start = at + 1;
        }
        return start == piece.Length || sink.Add(piece[start..], atStart && start == 0);
    }
}
