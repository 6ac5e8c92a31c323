using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using Microsoft.ML.SynCse.Export;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>A linear layer with or without tanh on the pooled vector: sentence-transformers' Dense module, SimCSE's MLP head.</summary>
internal sealed class DenseHead : IDisposable
{
    private const string WeightName = "linear.weight", BiasName = "linear.bias";
    private readonly bool _tanh;

    /// <summary>A layer over weights, which it owns from here on.</summary>
    public DenseHead(EncoderWeights weights, bool tanh) => (Weights, _tanh) = (weights, tanh);

    /// <summary>linear.weight (out, in) and, if the layer has a bias, linear.bias (out).</summary>
    public EncoderWeights Weights { get; }

    /// <summary>The length of the output vector.</summary>
    public int OutputSize => (int)Weights[WeightName].shape[0];

    /// <summary>Reads a Dense module.</summary>
    public static DenseHead Read(IModelFileSource files, DenseLayout layout, Device device)
    {
        var specs = new List<WeightSpec> { new(WeightName, [layout.OutputSize, layout.InputSize]) };
        if (layout.Bias) specs.Add(new(BiasName, [layout.OutputSize]));
        return new(EncoderWeights.Read(files, layout.WeightsFile, specs, "", device), layout.Tanh);
    }

    /// <summary>A fresh square layer with tanh; weights normal with deviation 0.02 as BERT's pooler, zero bias.</summary>
    public static DenseHead Fresh(int size, Generator generator, Device device)
    {
        Dictionary<string, Tensor> tensors;
        using (var scope = NewDisposeScope())
        {
            tensors = new(StringComparer.Ordinal)
            {
                [WeightName] = randn(size, size, dtype: ScalarType.Float32, generator: generator).mul_(0.02),
                [BiasName] = zeros(size, dtype: ScalarType.Float32),
            };
            foreach (var tensor in tensors.Values) tensor.DetachFromDisposeScope();
        }
        return new(EncoderWeights.Take(tensors, device), tanh: true);
    }

    /// <summary>Applies the layer: (B, in) to (B, out).</summary>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = F.linear(x, Weights[WeightName], Weights.Tensors.GetValueOrDefault(BiasName));
        return (_tanh ? y.tanh() : y).MoveToOuterDisposeScope();
    }

    /// <summary>Writes the layer into an ONNX graph, in float32: it is small, and what it loses no later layer can mend.</summary>
    public OnnxValue Export(OnnxModules modules, string name, OnnxValue x)
    {
        var y = modules.FullLinear(name, x, Weights[WeightName], Weights.Tensors.GetValueOrDefault(BiasName));
        return _tanh ? modules.Graph.Add("Tanh", [y]) : y;
    }

    /// <summary>The same layer with a copy of the weights, gradients on.</summary>
    public DenseHead Clone(Device device) => new(Weights.Clone(device), _tanh);

    /// <summary>The same layer over other weights, which it owns from here on.</summary>
    public DenseHead WithWeights(EncoderWeights weights) => new(weights, _tanh);

    /// <summary>The description of the module in a folder.</summary>
    public DenseLayout Layout(string folder)
        => new(folder, (int)Weights[WeightName].shape[1], OutputSize, Weights.Tensors.ContainsKey(BiasName), _tanh);

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
