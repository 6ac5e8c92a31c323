using Microsoft.ML.SynCse.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The optimizer against its definition, in double precision.</summary>
[TestClass]
public sealed class AdamWTests
{
    private const int Size = 1003;

    [TestMethod]
    [DataRow(0.0, double.PositiveInfinity)]
    [DataRow(0.1, 0.5)]
    public void Every_step_is_algorithm_2(double weightDecay, double maxNorm)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var parameters = new Dictionary<string, Tensor>
        {
            ["layer.weight"] = randn(Size, generator: generator).requires_grad_(),
            ["layer.bias"] = randn(Size, generator: generator).requires_grad_(),
            ["output_layer_norm.weight"] = randn(Size, generator: generator).requires_grad_(),
            ["unused.weight"] = randn(Size, generator: generator).requires_grad_(),
        };
        var expected = parameters.ToDictionary(p => p.Key, p => Doubles(p.Value));
        var (means, squares) = (
            parameters.Keys.ToDictionary(k => k, _ => new double[Size]), parameters.Keys.ToDictionary(k => k, _ => new double[Size]));
        using var optimizer = new AdamW(parameters, weightDecay, maxNorm);
        for (int step = 1; step <= 20; step++)
        {
            double rate = 1e-2 / step, sum = 0;
            foreach (var (name, tensor) in parameters.Where(p => p.Key != "unused.weight"))
            {
                tensor.grad = randn(Size, generator: generator);
                sum += Doubles(tensor.grad).Sum(g => g * g);
            }
            double norm = Math.Sqrt(sum), scale = Math.Min(1, maxNorm / (norm + 1e-6));
            foreach (var (name, tensor) in parameters.Where(p => p.Value.grad is not null))
            {
                double[] gradient = Doubles(tensor.grad!);
                for (int i = 0; i < Size; i++)
                {
                    double g = gradient[i] * scale;
                    means[name][i] = 0.9 * means[name][i] + 0.1 * g;
                    squares[name][i] = 0.999 * squares[name][i] + 0.001 * g * g;
                    if (name == "layer.weight") expected[name][i] *= 1 - rate * weightDecay;
                    expected[name][i] -= rate * means[name][i] / (1 - Math.Pow(0.9, step)) / (
                        Math.Sqrt(squares[name][i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                }
            }
            Assert.AreEqual(norm, optimizer.ClipGradients(), 1e-4 * norm);
            optimizer.Step(rate);
            Assert.IsTrue(parameters.Values.All(p => p.grad is null));
        }
        foreach (var (name, tensor) in parameters)
            Assert.IsLessThan(2e-5, Doubles(tensor).Zip(expected[name], (a, b) => Math.Abs(a - b)).Max(), name);
    }

    private static double[] Doubles(Tensor tensor) => [.. tensor.detach().data<float>().ToArray().Select(x => (double)x)];
}
