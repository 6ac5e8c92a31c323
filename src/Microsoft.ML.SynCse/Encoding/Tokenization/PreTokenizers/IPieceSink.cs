namespace Microsoft.ML.SynCse;

/// <summary>Takes the pieces of a text in their order.</summary>
internal interface IPieceSink
{
    /// <returns>False where enough was taken: nothing that follows can be of any account.</returns>
    bool Add(ReadOnlySpan<char> piece);
}
