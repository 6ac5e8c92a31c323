using System.Text.Json.Nodes;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Reference values made with HF transformers and PyTorch (shared/golden).</summary>
internal static class Golden
{
    public static JsonObject Json(string relative) => JsonNode.Parse(File.ReadAllText(SharedFolder.Path("golden/" + relative)))!.AsObject();

    /// <summary>Every tensor of a safetensors file; they belong to the caller.</summary>
    public static Dictionary<string, torch.Tensor> Tensors(string relative)
    {
        using var stream = File.OpenRead(SharedFolder.Path("golden/" + relative));
        return SafetensorsReader.Read(stream, relative, (_, _) => _ => true);
    }

    /// <summary>A matrix as rows.</summary>
    public static float[][] Rows(torch.Tensor matrix)
    {
        int columns = (int)matrix.shape[1];
        return [.. matrix.data<float>().ToArray().Chunk(columns)];
    }

    /// <summary>The largest absolute difference of two lists of vectors.</summary>
    public static double WorstDifference(IReadOnlyList<float[]> left, IReadOnlyList<float[]> right)
    {
        Assert.HasCount(left.Count, right);
        return left.Zip(right, (a, b) => a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max()).Max();
    }
}
