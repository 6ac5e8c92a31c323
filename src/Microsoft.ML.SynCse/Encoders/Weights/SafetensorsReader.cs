using Microsoft.ML.SynCse.Core.Folders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Weights;

/// <summary>Reads weights from a safetensors file, tensor by tensor and each in pieces: never more in memory than the float32 tensors and one piece.</summary>
internal static class SafetensorsReader
{
    // Elements read at once: TorchSharp gives a tensor's bytes as a span, which ends at 2 GB, and numbers of another format need a place to be read to.
    private const long Piece = 1 << 22;

    private static readonly Dictionary<string, torch.ScalarType> Formats = new()
    {
        ["F32"] = torch.ScalarType.Float32,
        ["F16"] = torch.ScalarType.Float16,
        ["BF16"] = torch.ScalarType.BFloat16,
        ["F64"] = torch.ScalarType.Float64,
    };

    /// <summary>Picks the tensors to read; throws where what is there is not what is needed. Asked before memory is taken for any of them.</summary>
    /// <param name="entries">All tensors there are.</param>
    /// <param name="file">Where they are, for messages.</param>
    /// <returns>Whether to read a tensor.</returns>
    public delegate Func<SafetensorsEntry, bool> Choice(IReadOnlyList<SafetensorsEntry> entries, string file);

    /// <summary>Reads the tensors that are chosen, as float32 on the CPU; the others are skipped.</summary>
    /// <param name="stream">The file at its start; forward-only is enough, but it must know its length.</param>
    /// <param name="file">The file for messages.</param>
    /// <param name="choose">Says which tensors are wanted.</param>
    /// <returns>The tensors by name; they belong to the caller.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or holds a wanted tensor of another kind than F32, F16, BF16 or F64.</exception>
    public static Dictionary<string, torch.Tensor> Read(Stream stream, string file, Choice choose)
    {
        var entries = SafetensorsHeader.Read(stream, file);
        var chosen = entries.Where(choose(entries, file)).ToArray();
        if (chosen.FirstOrDefault(e => !Formats.ContainsKey(e.Dtype)) is { } other)
            throw new InvalidDataException($"{file}: the tensor {other.ShownName} is {other.Dtype}; weights must be F32, F16, BF16 or F64.");
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            long position = 0;
            SafetensorsEntry? last = null;
            foreach (var entry in chosen)
            {
                if (last is not null && entry.Begin < position)
                {
                    tensors[entry.Name] = tensors[last.Name].clone().DetachFromDisposeScope();          // the same bytes under a second name
                    continue;
                }
                Skip(stream, entry.Begin - position, file);
                tensors[entry.Name] = ReadTensor(stream, entry);
                (position, last) = (entry.End, entry);
            }
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    private static torch.Tensor ReadTensor(Stream stream, SafetensorsEntry entry)
    {
        // Outside every dispose scope: the tensor belongs to the model that is being read, which may outlive the caller's scope.
        using var scope = torch.NewDisposeScope();
        var format = Formats[entry.Dtype];
        var tensor = torch.empty(entry.Shape, dtype: torch.ScalarType.Float32);
        var flat = tensor.view(-1);
        long count = flat.shape[0];
        var place = format == torch.ScalarType.Float32 ? null : torch.empty(Math.Min(count, Piece), dtype: format);
        for (long start = 0; start < count; start += Piece)
        {
            using var piece = torch.NewDisposeScope();
            var target = flat.narrow(0, start, Math.Min(Piece, count - start));
            var stored = place?.narrow(0, 0, target.shape[0]) ?? target;
            var bytes = stored.bytes;
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw SafetensorsHeader.Damaged(entry.File, $"it ends inside the tensor {entry.ShownName}");
            if (place is not null) target.copy_(stored);
        }
        return tensor.DetachFromDisposeScope();
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
