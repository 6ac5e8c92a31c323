using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Reference values made with HF transformers and PyTorch (shared/golden).</summary>
internal static class Golden
{
    public static JsonObject Json(string relative) => JsonFile(SharedFolder.Path("golden/" + relative));

    /// <summary>A JSON file, wherever it lies.</summary>
    public static JsonObject JsonFile(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();

    /// <summary>Every tensor of a safetensors file of the shared folder; they belong to the caller.</summary>
    public static Dictionary<string, torch.Tensor> Tensors(string relative) => TensorFile(SharedFolder.Path("golden/" + relative));

    /// <summary>Every tensor of a safetensors file, wherever it lies; they belong to the caller.</summary>
    public static Dictionary<string, torch.Tensor> TensorFile(string path)
    {
        using var stream = File.OpenRead(path);
        return SafetensorsReader.Read(stream, path, (_, _) => _ => true);
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
