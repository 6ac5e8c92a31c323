using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Weights;

/// <summary>Reads weights from a safetensors file, or from several with an index, tensor by tensor and each in pieces: memory holds the
/// float32 tensors and one piece, never more.</summary>
internal static class SafetensorsReader
{
    // Elements read at once: TorchSharp gives a tensor's bytes as a span, which ends at 2 GB, and other number formats need a buffer.
    private const long Piece = 1 << 22;

    private static readonly Dictionary<string, torch.ScalarType> _formats = new()
    {
        ["F32"] = torch.ScalarType.Float32,
        ["F16"] = torch.ScalarType.Float16,
        ["BF16"] = torch.ScalarType.BFloat16,
        ["F64"] = torch.ScalarType.Float64,
    };

    /// <summary>Picks the tensors to read, or throws if the file does not hold what is needed. Called before memory is taken for any of
    /// them.</summary>
    /// <param name="entries">All tensors of the file, or of all shards.</param>
    /// <param name="file">The file, for messages.</param>
    /// <returns>Whether to read a tensor.</returns>
    public delegate Func<SafetensorsEntry, bool> Choice(IReadOnlyList<SafetensorsEntry> entries, string file);

    /// <summary>Reads the tensors that are chosen, as float32 on the CPU; the others are skipped.</summary>
    /// <param name="stream">The file at its start; it may be forward-only, but must know its length.</param>
    /// <param name="file">The file for messages.</param>
    /// <param name="choose">Says which tensors are wanted.</param>
    /// <returns>The tensors by name; they belong to the caller.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or holds a wanted tensor of another kind than F32, F16, BF16 or
    /// F64.</exception>
    public static Dictionary<string, torch.Tensor> Read(Stream stream, string file, Choice choose)
    {
        var entries = SafetensorsHeader.Read(stream, file);
        var chosen = entries.Where(choose(entries, file)).ToArray();
        if (chosen.FirstOrDefault(e => !_formats.ContainsKey(e.Dtype)) is { } other)
            throw new InvalidDataException(
                $"{file}: the tensor {other.ShownName} is {other.Dtype}; weights must be F32, F16, BF16 or F64.");
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            long position = 0;
            SafetensorsEntry? last = null;
            foreach (var entry in chosen)
            {
                if (last is not null && entry.Begin < position)
                {
                    tensors[entry.Name] = tensors[last.Name].clone().DetachFromDisposeScope(); // the same bytes under a second name
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

    /// <summary>Reads the tensors that are chosen, as float32 on the CPU, from one file or from shards with an index. If there are both,
    /// the file counts, as it does for transformers.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="file">The name of the one file.</param>
    /// <param name="choose">Gets the tensors of all files and says which are wanted.</param>
    /// <returns>The tensors by name, which belong to the caller; null if there is neither file nor index.</returns>
    /// <exception cref="InvalidDataException">A file is damaged or missing, or the shards are not those of the index.</exception>
    public static Dictionary<string, torch.Tensor>? Read(IModelFileSource files, string file, Choice choose)
    {
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            if (ReadInto(tensors, files, file, choose)) return tensors;
            if (SafetensorsIndex.Read(files, file) is not { } index) return null;
            string[] shards = index.Shards.Values.Distinct().Order(StringComparer.Ordinal).ToArray();
            var entries = shards.SelectMany(shard => Entries(files, shard, index)).ToArray();
            CheckComplete(files, index, entries);
            var wanted = choose(entries, index.File);
            foreach (string? shard in entries.Where(wanted).Select(e => index.Shards[e.Name]).Distinct())
                ReadInto(tensors, files, shard, (_, _) => e => index.Shards.ContainsKey(e.Name) && wanted(e));
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    // The source proves the file after this has read it, so the caller must own the tensors before that.
    private static bool ReadInto(Dictionary<string, torch.Tensor> tensors, IModelFileSource files, string file, Choice choose)
        => files.TryRead(file, stream =>
        {
            foreach (var (name, tensor) in Read(stream, files.Describe(file), choose)) tensors.Add(name, tensor);
        });

    private static IEnumerable<SafetensorsEntry> Entries(IModelFileSource files, string shard, SafetensorsIndex index)
    {
        IReadOnlyList<SafetensorsEntry> entries = [];
        if (!files.TryRead(shard, stream => entries = SafetensorsHeader.Read(stream, files.Describe(shard))))
            throw new InvalidDataException($"{index.File} names the shard '{shard}', which is missing: download or copy the model again.");
        foreach (var entry in entries)
        {
            // A second name of a tensor is in no index.
            if (!index.Shards.TryGetValue(entry.Name, out string? place)) continue;
            if (place != shard)
                throw new InvalidDataException(
                    $"{files.Describe(shard)} holds the tensor {entry.ShownName}, which belongs into '{place}' by "
                    + $"{index.File}: the files are not of one model.");
            yield return entry;
        }
    }

    private static void CheckComplete(IModelFileSource files, SafetensorsIndex index, IEnumerable<SafetensorsEntry> entries)
    {
        var there = entries.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (tensor, shard) in index.Shards)
            if (!there.Contains(tensor))
                throw new InvalidDataException(
                    $"{files.Describe(shard)} lacks the tensor {ModelFileName.Shown(tensor)}, which {index.File} "
                    + "places there: the files are not of one model.");
    }

    private static torch.Tensor ReadTensor(Stream stream, SafetensorsEntry entry)
    {
        // Outside every dispose scope: the tensor belongs to the model that is being read, which may outlive the caller's scope.
        using var scope = torch.NewDisposeScope();
        var format = _formats[entry.Dtype];
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
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw SafetensorsHeader.Damaged(entry.File, $"it ends inside the tensor {entry.ShownName}");
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
        byte[] buffer = new byte[1 << 16];
        while (count > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(count, buffer.Length));
            if (read == 0) throw SafetensorsHeader.Damaged(file, "it ends before its last tensor");
            count -= read;
        }
    }
}
