namespace Microsoft.ML.SynCse;

/// <summary>Cuts text into the pieces that the subword model sees one by one. Safe from several threads.</summary>
internal interface IPreTokenizer
{
    /// <summary>Hands the parts of a piece, none of them empty, to <paramref name="sink"/>.</summary>
    /// <returns>False where the sink has enough.</returns>
    bool Split(ReadOnlySpan<char> piece, IPieceSink sink);

    /// <summary>What to cut text with that does not begin where the sentence begins.</summary>
    IPreTokenizer BehindTheStart => this;
}
