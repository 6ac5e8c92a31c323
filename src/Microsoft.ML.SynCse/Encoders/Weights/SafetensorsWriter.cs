using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Weights;

/// <summary>Writes float32 tensors as a safetensors file, tensor by tensor.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes the tensors in the order of their names, so that equal weights give equal files.</summary>
    /// <param name="stream">Receives the file; it may be forward-only.</param>
    /// <param name="tensors">Float32 tensors on any device.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors)
    {
        var ordered = tensors.OrderBy(t => t.Key, StringComparer.Ordinal).ToArray();
        byte[] header = Header(ordered);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, tensor) in ordered) TensorBytes.Write(stream, tensor);
    }

    private static byte[] Header(KeyValuePair<string, torch.Tensor>[] ordered)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt");
            json.WriteEndObject();
            long offset = 0;
            foreach (var (name, tensor) in ordered)
            {
                if (tensor.dtype != torch.ScalarType.Float32)
                    throw new ArgumentException($"The tensor {name} is {tensor.dtype}, not Float32.", nameof(ordered));
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (long n in tensor.shape) json.WriteNumberValue(n);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.numel() * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');    // readers may map the tensors, which then must be aligned
        return buffer.ToArray();
    }
}

/// <summary>Writes the numbers of a tensor.</summary>
internal static class TensorBytes
{
    // Elements written at once: TorchSharp gives a tensor's bytes as a span, which ends at 2 GB.
    private const long Piece = 1 << 24;

    /// <summary>Writes them row after row, as the machine stores them.</summary>
    /// <param name="stream">Receives them; it may be forward-only.</param>
    /// <param name="tensor">A tensor on any device.</param>
    public static void Write(Stream stream, torch.Tensor tensor)
    {
        // Most tensors can be written without another one.
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && tensor.numel() is > 0 and <= Piece)
        {
            stream.Write(tensor.bytes);
            return;
        }
        using var scope = torch.NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        for (long start = 0; start < flat.shape[0]; start += Piece)
            stream.Write(flat.narrow(0, start, Math.Min(Piece, flat.shape[0] - start)).bytes);
    }
}
