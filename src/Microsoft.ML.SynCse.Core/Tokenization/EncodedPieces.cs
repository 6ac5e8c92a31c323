using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>The ids of one sentence as they come; takes no more than one above the room there is, which tells that something is cut off.</summary>
internal sealed class EncodedPieces(ISubwordModel model, int room) : IPieceSink
{
    public List<int> Ids { get; } = new(Math.Min(room, 64));

    public bool HasEnough => Ids.Count > room;

    /// <inheritdoc/>
    public bool Add(ReadOnlySpan<char> piece, bool atStart)
    {
        model.Encode(piece, Ids);
        return !HasEnough;
    }
}
