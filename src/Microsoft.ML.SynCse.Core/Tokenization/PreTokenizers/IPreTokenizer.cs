namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Cuts text into the pieces that the subword model sees one by one. Safe from several threads.</summary>
internal interface IPreTokenizer
{
    /// <summary>Hands the parts of a piece, none of them empty, to <paramref name="sink"/>.</summary>
    /// <param name="piece">The piece; not empty.</param>
    /// <param name="atStart">Whether the piece begins where the sentence begins.</param>
    /// <param name="sink">Takes the parts, and is told of each whether it begins there.</param>
    /// <returns>False where the sink has enough.</returns>
    bool Split(ReadOnlySpan<char> piece, bool atStart, IPieceSink sink);
}
