using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Rewrites a float32 safetensors file with 16-bit numbers; the product writes float32 alone.</summary>
internal static class HalfSafetensors
{
    public static void Rewrite(string path, torch.ScalarType dtype)
    {
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors;
        using (var stream = File.OpenRead(path)) tensors = SafetensorsReader.Read(stream, path, (_, _) => _ => true);
        var header = new JsonObject();
        using var data = new MemoryStream();
        foreach (var (name, tensor) in tensors)
        {
            long begin = data.Length;
            data.Write(tensor.to(dtype).bytes);
            header[name] = new JsonObject
            {
                ["dtype"] = dtype == torch.ScalarType.Float16 ? "F16" : "BF16",
                ["shape"] = new JsonArray([.. tensor.shape.Select(n => (JsonNode)n)]),
                ["data_offsets"] = new JsonArray(begin, data.Length),
            };
            tensor.Dispose();
        }
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
        data.WriteTo(file);
    }
}
