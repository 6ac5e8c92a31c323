using Microsoft.ML.SynCse.Core.Folders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>Positions numbered behind the padding id, tokens with that id not counted (fairseq's way, which RoBERTa and MPNet have).</summary>
internal static class PaddedPositions
{
    /// <summary>How many tokens the position table has room for.</summary>
    /// <exception cref="InvalidDataException">Too few for a sentence.</exception>
    public static int Room(ModelConfiguration json, TransformerConfiguration configuration, int padId)
    {
        int room = configuration.Positions - padId - 1;
        return room >= 3 ? room : throw json.Error($"max_position_embeddings {configuration.Positions} leaves no room behind the padding id {padId}.");
    }

    /// <summary>The rows of the position table for a batch: (B, T, E).</summary>
    public static Tensor Select(Tensor table, TokenBatch batch, int padId)
    {
        var counted = batch.Ids.ne(padId).to(ScalarType.Int64);
        var places = counted.cumsum(1).mul_(counted).add_(padId);                                       // (B, T)
        return table.index_select(0, places.view(-1)).view(batch.Rows, batch.Length, -1);
    }
}
