namespace Microsoft.ML.SynCse;

/// <summary>Turns a piece of text into the ids of its subwords. Safe from several threads.</summary>
internal interface ISubwordModel
{
    /// <summary>The tokens the model itself knows.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>Appends the ids of a piece that is not empty.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids);
}
