using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Reads weights from a safetensors file, tensor by tensor, without a second copy of the file in memory.</summary>
internal static class SafetensorsReader
{
    /// <summary>Reads the tensors that are asked for, as float32 on the CPU; the others are skipped.</summary>
    /// <param name="stream">The file at its start; forward-only is enough.</param>
    /// <param name="file">The file for messages.</param>
    /// <param name="wanted">Says which tensors are wanted; may throw where a shape is not the expected one.</param>
    /// <returns>The tensors by name; they belong to the caller.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or holds a wanted tensor of another kind than F32, F16, BF16 or F64.</exception>
    public static Dictionary<string, torch.Tensor> Read(Stream stream, string file, Func<SafetensorsEntry, bool> wanted)
    {
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            long position = 0;
            foreach (var entry in SafetensorsHeader.Read(stream, file).Where(wanted))
            {
                Skip(stream, entry.Begin - position, file);
                tensors[entry.Name] = ReadTensor(stream, entry, file);
                position = entry.End;
            }
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    private static torch.Tensor ReadTensor(Stream stream, SafetensorsEntry entry, string file)
    {
        if (entry.End - entry.Begin > int.MaxValue) throw new InvalidDataException($"{file}: the tensor {entry.Name} has {entry.End - entry.Begin} bytes; one tensor may have at most 2 GB.");
        var dtype = entry.Dtype switch
        {
            "F32" => torch.ScalarType.Float32,
            "F16" => torch.ScalarType.Float16,
            "BF16" => torch.ScalarType.BFloat16,
            "F64" => torch.ScalarType.Float64,
            _ => throw new InvalidDataException($"{file}: the tensor {entry.Name} is {entry.Dtype}; weights must be F32, F16, BF16 or F64."),
        };
        // Outside every dispose scope: the tensor belongs to the model that is being read, which may outlive the caller's scope.
        using var scope = torch.NewDisposeScope();
        var stored = torch.empty(entry.Shape, dtype: dtype);
        if (entry.Count > 0)
        {
            var bytes = stored.bytes;
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw SafetensorsHeader.Damaged(file, $"it ends inside the tensor {entry.Name}");
        }
        return stored.to(torch.ScalarType.Float32).DetachFromDisposeScope();
    }

    private static void Skip(Stream stream, long count, string file)
    {
        if (stream.CanSeek)
        {
            stream.Seek(count, SeekOrigin.Current);
            return;
        }
        var buffer = new byte[1 << 16];
        while (count > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (read == 0) throw SafetensorsHeader.Damaged(file, "it ends before its last tensor");
            count -= read;
        }
    }
}
