using static Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Export;

/// <summary>The building blocks of encoders as nodes of an ONNX graph: in float32, or with products of whole numbers.</summary>
/// <remarks>
/// <para>Every block is written in the form that ONNX Runtime recognises and replaces by one kernel when it loads a model.</para>
/// <para>Dynamic quantisation: a weight matrix is stored as int8, symmetric around 0 with one scale for each output; the input of a product
/// becomes uint8 while the model runs, with the scale of its own smallest and largest number (DynamicQuantizeLinear, MatMulInteger).</para>
/// </remarks>
internal sealed class OnnxModules(OnnxGraph graph, OnnxQuantization quantization)
{
    // Without the VNNI instructions a processor adds two products of uint8 and int8 in 16 bits: 2 x 255 x 64 fits, 2 x 255 x 127 does not.
    private readonly int _largest = quantization == OnnxQuantization.Int8ReducedRange ? 64 : 127;
    private readonly Dictionary<OnnxValue, OnnxValue[]> _quantized = [];

    /// <summary>The graph.</summary>
    public OnnxGraph Graph => graph;

    /// <summary>Rows of a table by their numbers: (...) to (..., E).</summary>
    /// <param name="name">The table's name.</param>
    /// <param name="table">(V, E), float32.</param>
    /// <param name="ids">The numbers of the rows, int64.</param>
    public OnnxValue Embedding(string name, Tensor table, OnnxValue ids)
    {
        if (quantization == OnnxQuantization.None) return graph.Add("Gather", [Weight(name, table), ids]);
        // Nothing is multiplied here, so that all 8 bits can be used.
        var (values, scales) = Quantize(table, 127);
        var rows = graph.Add("Gather", [graph.Weight(name + "_quantized", values), ids]);
        var scale = graph.Add("Gather", [graph.Weight(name + "_scale", scales.unsqueeze(1)), ids]);
        return graph.Add("Mul", [Cast(rows, DataType.Float), scale]);
    }

    /// <summary>A linear layer: (..., in) to (..., out).</summary>
    /// <param name="name">Its name; the weight and the bias end in .weight and .bias.</param>
    /// <param name="x">The input.</param>
    /// <param name="weight">(out, in).</param>
    /// <param name="bias">(out); null for none.</param>
    public OnnxValue Linear(string name, OnnxValue x, Tensor weight, Tensor? bias) => quantization == OnnxQuantization.None
        ? FullLinear(name, x, weight, bias) : WithBias(name, QuantizedProduct(name, x, weight), bias);

    /// <summary>A linear layer in float32 in every case: (..., in) to (..., out).</summary>
    public OnnxValue FullLinear(string name, OnnxValue x, Tensor weight, Tensor? bias)
        => WithBias(name, graph.Add("MatMul", [x, Weight(name + ".weight", weight.t())]), bias);

    /// <summary>A weight: detached, on the CPU, contiguous.</summary>
    public OnnxValue Weight(string name, Tensor values) => graph.Weight(name, Stored(values));

    /// <summary>A layer norm over the last axis.</summary>
    public OnnxValue LayerNorm(string name, OnnxValue x, Tensor weight, Tensor bias, double epsilon)
        => graph.Add(
            "LayerNormalization", [x, Weight(name + ".weight", weight), Weight(name + ".bias", bias)],
            ("axis", -1L), ("epsilon", (float)epsilon));

    /// <summary>The activation of config.json's name.</summary>
    public OnnxValue Activate(string activation, OnnxValue x) => activation switch
    {
        "relu" => graph.Add("Relu", [x]),
        "gelu" => Halved(x, graph.Add("Erf", [graph.Add("Div", [x, graph.Number(MathF.Sqrt(2))])])),
        _ => Halved(x, graph.Add("Tanh", [TanhArgument(x)])),
    };

    /// <summary>Attention over all tokens in several heads (Vaswani et al., 2017, equation 1): each (B, T, H) to (B, T, H).</summary>
    /// <param name="query">The queries.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="heads">h, the number of heads.</param>
    /// <param name="size">d, the size of a head.</param>
    /// <param name="mask">Is added to the scores (B, h, T, T).</param>
    public OnnxValue Attention(OnnxValue query, OnnxValue key, OnnxValue value, int heads, int size, OnnxValue mask)
    {
        OnnxValue Split(OnnxValue x, params long[] order)
            => graph.Add("Transpose", [graph.Add("Reshape", [x, graph.Integers(0, 0, heads, size)])], ("perm", order));
        var product = graph.Add("MatMul", [Split(query, 0, 2, 1, 3), Split(key, 0, 2, 3, 1)]);
        var scores = graph.Add("Add", [graph.Add("Div", [product, graph.Number(MathF.Sqrt(size))]), mask]);
        var mixed = graph.Add("MatMul", [graph.Add("Softmax", [scores], ("axis", -1L)), Split(value, 0, 2, 1, 3)]);
        return graph.Add(
            "Reshape", [graph.Add("Transpose", [mixed], ("perm", new long[] { 0, 2, 1, 3 })), graph.Integers(0, 0, (long)heads * size)]);
    }

    /// <summary>A value in another number format.</summary>
    public OnnxValue Cast(OnnxValue x, DataType type) => graph.Add("Cast", [x], ("to", (long)type));

    /// <summary>A weight as a graph stores it: on the CPU, contiguous, without gradients.</summary>
    public static Tensor Stored(Tensor x) => x.detach().cpu().contiguous();

    private OnnxValue WithBias(string name, OnnxValue product, Tensor? bias)
        => bias is null ? product : graph.Add("Add", [product, Weight(name + ".bias", bias)]);

    // x * (1 + y) / 2
    private OnnxValue Halved(OnnxValue x, OnnxValue y)
        => graph.Add("Mul", [graph.Add("Mul", [x, graph.Add("Add", [y, graph.Number(1)])]), graph.Number(0.5f)]);

    // sqrt(2 / pi) * (x + 0.044715 x^3): Hendrycks and Gimpel, 2016, section 2.
    private OnnxValue TanhArgument(OnnxValue x)
    {
        var cube = graph.Add("Mul", [graph.Number(0.044715f), graph.Add("Pow", [x, graph.Number(3)])]);
        return graph.Add("Mul", [graph.Number((float)Math.Sqrt(2 / Math.PI)), graph.Add("Add", [x, cube])]);
    }

    private OnnxValue QuantizedProduct(string name, OnnxValue x, Tensor weight)
    {
        if (!_quantized.TryGetValue(x, out var input)) _quantized[x] = input = graph.Add("DynamicQuantizeLinear", 3, [x]);
        var (values, scales) = Quantize(weight, _largest);
        var product = graph.Add("MatMulInteger", [input[0], Weight(name + ".weight_quantized", values.t()), input[2]]);
        var scale = graph.Add("Mul", [input[1], graph.Weight(name + ".weight_scale", scales)]);
        return graph.Add("Mul", [Cast(product, DataType.Float), scale]);
    }

    // One scale for each row, so that its largest number becomes `largest`: (R, C) to int8 (R, C) and float32 (R).
    private static (Tensor Values, Tensor Scales) Quantize(Tensor table, int largest)
    {
        var rows = Stored(table);
        var scales = rows.abs().amax([1]).div(largest);
        scales = where(scales.eq(0), ones_like(scales), scales);
        return (rows.div(scales.unsqueeze(1)).round().clamp(-largest, largest).to(ScalarType.Int8), scales);
    }
}
