using System.Numerics.Tensors;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>From the vectors of tokens to the vector of a sentence, as modules.json describes it, in managed code: pooling, Dense modules,
/// normalisation.</summary>
/// <remarks>For encoders whose model only gives token vectors. Immutable, so it may be shared between threads.</remarks>
internal sealed class VectorHead
{
    private readonly Pooling _pooling;
    private readonly IReadOnlyList<DenseLayer> _dense;
    private readonly bool _normalize;
    private readonly int _hidden;

    private VectorHead(Pooling pooling, IReadOnlyList<DenseLayer> dense, bool normalize, int hidden)
        => (_pooling, _dense, _normalize, _hidden) = (pooling, dense, normalize, hidden);

    /// <summary>The length of a vector.</summary>
    public int Dimensions => _dense.Count > 0 ? _dense[^1].OutputSize : _hidden;

    /// <summary>Reads the modules behind the transformer.</summary>
    /// <param name="files">The encoder's files.</param>
    /// <param name="layout">What modules.json says.</param>
    /// <param name="hidden">The length of a token's vector.</param>
    /// <exception cref="InvalidDataException">A pooling that needs other layers, or Dense modules of other sizes; names the
    /// file.</exception>
    public static VectorHead Read(IModelFileSource files, EncoderLayout layout, int hidden)
    {
        var pooling = layout.PoolingName is { } name ? PoolingFile.Of(name) : Pooling.Mean;
        if (!PoolingFile.IsPortable(pooling))
            throw new InvalidDataException(
                $"'{files.Location}' has the pooling {pooling}, which needs the vectors of other layers than the last.");
        int size = hidden;
        var dense = new List<DenseLayer>();
        foreach (var module in layout.Dense)
        {
            if (module.InputSize != size)
                throw new InvalidDataException($"{files.Describe(module.ConfigurationFile)}: in_features is {module.InputSize}, and the "
                    + $"module is given vectors of {size} values.");
            dense.Add(DenseLayer.Read(files, module));
            size = module.OutputSize;
        }
        return new(pooling, dense, layout.Normalize, hidden);
    }

    /// <summary>The vectors of a batch.</summary>
    /// <param name="tokens">The vectors of the tokens (B, T, H), row after row.</param>
    /// <param name="rows">The token ids of each sentence; only their number counts.</param>
    /// <param name="length">T.</param>
    /// <param name="leftOut">How many tokens at the start of each row are not pooled; the last token of a row always is.</param>
    public float[][] Apply(ReadOnlySpan<float> tokens, int[][] rows, int length, int leftOut)
    {
        float[][] vectors = new float[rows.Length][];
        for (int r = 0; r < rows.Length; r++)
        {
            var row = tokens.Slice(r * length * _hidden, rows[r].Length * _hidden);
            int from = Math.Min(leftOut, rows[r].Length - 1);
            float[] vector = Pool(row, from, rows[r].Length);
            foreach (var layer in _dense) vector = layer.Apply(vector);
            // As PyTorch's normalize: a vector of zeros stays one.
            if (_normalize) TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm(vector), 1e-12f), vector);
            vectors[r] = vector;
        }
        return vectors;
    }

    private float[] Pool(ReadOnlySpan<float> row, int from, int count)
    {
        if (_pooling == Pooling.Cls) return row[.._hidden].ToArray();
        float[] vector = row.Slice(from * _hidden, _hidden).ToArray();
        for (int t = from + 1; t < count; t++)
        {
            var token = row.Slice(t * _hidden, _hidden);
            if (_pooling == Pooling.Max) TensorPrimitives.Max(vector, token, vector);
            else TensorPrimitives.Add(vector, token, vector);
        }
        if (_pooling == Pooling.Mean) TensorPrimitives.Divide(vector, count - from, vector);
        return vector;
    }
}

/// <summary>A Dense module in managed code.</summary>
internal sealed class DenseLayer
{
    private readonly float[] _weight;
    private readonly float[]? _bias;
    private readonly DenseLayout _layout;

    private DenseLayer(DenseLayout layout, float[] weight, float[]? bias) => (_layout, _weight, _bias) = (layout, weight, bias);

    /// <summary>The length of the output.</summary>
    public int OutputSize => _layout.OutputSize;

    /// <summary>Reads the module's weights.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged, or a tensor has another shape; names it.</exception>
    public static DenseLayer Read(IModelFileSource files, DenseLayout layout)
        => new(layout, SafetensorsValues.Read(files, layout.WeightsFile, "linear.weight", layout.OutputSize, layout.InputSize),
            layout.Bias ? SafetensorsValues.Read(files, layout.WeightsFile, "linear.bias", layout.OutputSize) : null);

    /// <summary>Applies the layer.</summary>
    public float[] Apply(ReadOnlySpan<float> vector)
    {
        float[] result = new float[OutputSize];
        for (int o = 0; o < result.Length; o++)
            result[o] = TensorPrimitives.Dot(vector, _weight.AsSpan(o * _layout.InputSize, _layout.InputSize)) + (_bias?[o] ?? 0);
        if (_layout.Tanh) TensorPrimitives.Tanh(result, result);
        return result;
    }
}
