using Microsoft.ML.SynCse.Export;
using static Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>From token vectors to sentence vectors. A pooling is one case here and one line in <see cref="Core.Folders.PoolingFile"/>,
/// which has its name.</summary>
internal static class PoolingLayer
{
    /// <summary>Whether a pooling needs the output of a layer, counted from 1.</summary>
    public static bool Reads(this Pooling pooling, int layer, int layers) => layer == layers || pooling switch
    {
        Pooling.AverageFirstLast => layer == 1,
        Pooling.AverageTopTwo => layer == layers - 1,
        _ => false,
    };

    /// <summary>Pools the token vectors of each sentence: (B, T, H) to (B, H).</summary>
    /// <param name="pooling">The pooling.</param>
    /// <param name="states">The outputs of the layers that <see cref="Reads"/> names, each (B, T, H); the last layer's is the last.</param>
    /// <param name="mask">True for the tokens that are pooled (B, T); null for all. <see cref="Pooling.Cls"/> takes the first token in
    /// every case.</param>
    /// <returns>(B, H).</returns>
    public static Tensor Apply(this Pooling pooling, IReadOnlyList<Tensor> states, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var last = states[^1];
        return (pooling switch
        {
            Pooling.Cls => last.select(1, 0),
            Pooling.Mean => Mean(last, mask),
            Pooling.Max => Max(last, mask),
            // A network of one layer gives one state, which then is both of the two.
            Pooling.AverageFirstLast or Pooling.AverageTopTwo => Mean(states[0].add(last).mul_(0.5), mask),
            _ => throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "This pooling is not known."),
        }).MoveToOuterDisposeScope();
    }

    /// <summary>Writes <see cref="Apply"/> into an ONNX graph.</summary>
    /// <param name="pooling">The pooling.</param>
    /// <param name="modules">Writes the parts.</param>
    /// <param name="states">As for <see cref="Apply"/>.</param>
    /// <param name="mask">1 for the tokens that are pooled, else 0, int64 (B, T).</param>
    public static OnnxValue Export(this Pooling pooling, OnnxModules modules, IReadOnlyList<OnnxValue> states, OnnxValue mask)
    {
        var (graph, last) = (modules.Graph, states[^1]);
        return pooling switch
        {
            Pooling.Cls => graph.Add("Gather", [last, graph.Integer(0)], ("axis", 1L)),
            Pooling.Mean => ExportMean(modules, last, mask),
            Pooling.Max => ExportMax(modules, last, mask),
            Pooling.AverageFirstLast or Pooling.AverageTopTwo => ExportMean(
                modules, graph.Add("Mul", [graph.Add("Add", [states[0], last]), graph.Number(0.5f)]), mask),
            _ => throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "This pooling is not known."),
        };
    }

    private static OnnxValue ExportMean(OnnxModules modules, OnnxValue state, OnnxValue mask)
    {
        var graph = modules.Graph;
        var weights = modules.Cast(mask, DataType.Float);
        var sum = graph.Add("Squeeze",
            [graph.Add("MatMul", [graph.Add("Unsqueeze", [weights, graph.Integers(1)]), state]), graph.Integers(1)]);
        // A row of padding alone, which a caller may add to fill a batch, has no mean; it must not become NaN.
        var count = graph.Add("Max", [graph.Add("ReduceSum", [weights, graph.Integers(1)], ("keepdims", 1L)), graph.Number(1e-9f)]);
        return graph.Add("Div", [sum, count]);
    }

    private static OnnxValue ExportMax(OnnxModules modules, OnnxValue state, OnnxValue mask)
    {
        var graph = modules.Graph;
        var counts = graph.Add("Unsqueeze", [modules.Cast(mask, DataType.Bool), graph.Integers(2)]);
        return graph.Add("ReduceMax", [graph.Add("Where", [counts, state, graph.Number(float.MinValue)])],
            ("axes", new long[] { 1 }), ("keepdims", 0L));
    }

    private static Tensor Mean(Tensor state, Tensor? mask)
    {
        if (mask is null) return state.mean([1]);
        var weights = mask.to(state.dtype).unsqueeze(1);                                                // (B, 1, T)
        return weights.matmul(state).squeeze(1).div(weights.sum(2));
    }

    private static Tensor Max(Tensor state, Tensor? mask)
        => (mask is null ? state : state.masked_fill(mask.logical_not().unsqueeze(2), float.NegativeInfinity)).amax([1]);
}
