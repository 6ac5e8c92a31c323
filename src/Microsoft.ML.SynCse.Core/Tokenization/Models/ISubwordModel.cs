namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>Turns a piece of text into the ids of its subwords. Safe from several threads.</summary>
internal interface ISubwordModel
{
    /// <summary>The tokens the model itself knows.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>The token that stands for what has none, where there is one.</summary>
    string? UnknownToken { get; }

    /// <summary>Whether the other model turns every text into the same ids, as far as can be told.</summary>
    bool IsSameAs(ISubwordModel other);

    /// <summary>Appends the ids of a piece that is not empty.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids);
}
