namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Takes the pieces of a text in their order.</summary>
internal interface IPieceSink
{
    /// <param name="piece">The piece.</param>
    /// <param name="atStart">Whether it begins where the sentence begins.</param>
    /// <returns>False where enough was taken: nothing that follows can be of any account.</returns>
    bool Add(ReadOnlySpan<char> piece, bool atStart);
}
