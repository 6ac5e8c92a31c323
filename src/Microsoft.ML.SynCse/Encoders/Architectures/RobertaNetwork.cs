using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>RoBERTa (Liu et al., 2019) and XLM-RoBERTa (Conneau et al., 2020): BERT with <see cref="PaddedPositions"/>.</summary>
internal sealed class RobertaNetwork : TransformerNetwork
{
    private RobertaNetwork(TransformerConfiguration configuration, EncoderWeights weights, int maxTokens)
        : base(configuration, weights, LayerNames.Bert) => MaxTokens = maxTokens;

    /// <inheritdoc/>
    public override int MaxTokens { get; }

    /// <summary>Reads the network.</summary>
    public static TransformerNetwork Read(ModelConfiguration json, EncoderArchitectures.WeightsReader read)
    {
        var configuration = TransformerConfiguration.Read(json, padId: 1);
        int room = PaddedPositions.Room(json, configuration, configuration.PadId);
        return new RobertaNetwork(configuration, read([.. Specs(configuration, LayerNames.Bert)], "roberta."), room);
    }

    /// <inheritdoc/>
    public override TransformerNetwork WithWeights(EncoderWeights weights) => new RobertaNetwork(Configuration, weights, MaxTokens);

    /// <inheritdoc/>
    protected override Tensor Positions(Tensor table, TokenBatch batch) => PaddedPositions.Select(table, batch, Configuration.PadId);

    /// <inheritdoc/>
    protected override OnnxValue ExportPositions(OnnxGraph graph, OnnxValue table, OnnxTokens tokens)
        => PaddedPositions.Export(graph, table, tokens, Configuration.PadId);
}

/// <summary>Positions that start after the padding id and do not count tokens with that id, as in fairseq; RoBERTa and MPNet have
/// them.</summary>
internal static class PaddedPositions
{
    /// <summary>The number of tokens for which the position table has room.</summary>
    /// <exception cref="InvalidDataException">Too few for a sentence.</exception>
    public static int Room(ModelConfiguration json, TransformerConfiguration configuration, int padId)
    {
        int room = configuration.Positions - padId - 1;
        return room >= 3 ? room
            : throw json.Error($"max_position_embeddings {configuration.Positions} leaves no room behind the padding id {padId}.");
    }

    /// <summary>The rows of the position table for a batch: (B, T, E).</summary>
    public static Tensor Select(Tensor table, TokenBatch batch, int padId)
    {
        var counted = batch.Ids.ne(padId).to(ScalarType.Int64);
        var places = counted.cumsum(1).mul_(counted).add_(padId);                                       // (B, T)
        return table.index_select(0, places.view(-1)).view(batch.Rows, batch.Length, -1);
    }

    /// <summary>Writes <see cref="Select"/>.</summary>
    public static OnnxValue Export(OnnxGraph graph, OnnxValue table, OnnxTokens tokens, int padId)
    {
        var counted = graph.Add("Cast",
            [graph.Add("Not", [graph.Add("Equal", [tokens.Ids, graph.Integer(padId)])])], ("to", (long)DataType.Int64));
        var places = graph.Add("Mul", [graph.Add("CumSum", [counted, graph.Integer(1)]), counted]);
        return graph.Add("Gather", [table, graph.Add("Add", [places, graph.Integer(padId)])]);
    }
}
