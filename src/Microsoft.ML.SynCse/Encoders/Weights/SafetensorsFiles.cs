using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Training;
using TorchSharp;

namespace Microsoft.ML.SynCse.Encoders.Weights;

/// <summary>A model's weights in one safetensors file or in several with an index, read as one.</summary>
internal static class SafetensorsFiles
{
    /// <summary>Reads the tensors that are chosen, as float32 on the CPU; where there are a file and an index, the file counts, as it does for transformers.</summary>
    /// <param name="files">Where the files lie.</param>
    /// <param name="file">The one file's name.</param>
    /// <param name="choose">Is given the tensors of all files and says which are wanted.</param>
    /// <returns>The tensors by name, which belong to the caller; null where there is neither file nor index.</returns>
    /// <exception cref="InvalidDataException">A file is damaged or missing, or the shards are not what the index says.</exception>
    public static Dictionary<string, torch.Tensor>? Read(IModelFileSource files, string file, SafetensorsReader.Choice choose)
    {
        var tensors = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            if (ReadInto(tensors, files, file, choose)) return tensors;
            if (SafetensorsIndex.Read(files, file) is not { } index) return null;
            var shards = index.Shards.Values.Distinct().Order(StringComparer.Ordinal).ToArray();
            var entries = shards.SelectMany(shard => Entries(files, shard, index)).ToArray();
            CheckComplete(files, index, entries);
            var wanted = choose(entries, index.File);
            foreach (var shard in entries.Where(wanted).Select(e => index.Shards[e.Name]).Distinct())
                ReadInto(tensors, files, shard, (_, _) => e => index.Shards.ContainsKey(e.Name) && wanted(e));
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    // What was read counts only once the source has proved the file, so it is owned here before that.
    private static bool ReadInto(Dictionary<string, torch.Tensor> tensors, IModelFileSource files, string file, SafetensorsReader.Choice choose)
        => files.TryRead(file, stream =>
        {
            foreach (var (name, tensor) in SafetensorsReader.Read(stream, files.Describe(file), choose)) tensors.Add(name, tensor);
        });

    private static IEnumerable<SafetensorsEntry> Entries(IModelFileSource files, string shard, SafetensorsIndex index)
    {
        IReadOnlyList<SafetensorsEntry> entries = [];
        if (!files.TryRead(shard, stream => entries = SafetensorsHeader.Read(stream, files.Describe(shard))))
            throw new InvalidDataException($"{index.File} names the shard '{shard}', which is missing: download or copy the model again.");
        foreach (var entry in entries)
        {
            // A second name of a tensor is in no index.
            if (!index.Shards.TryGetValue(entry.Name, out var place)) continue;
            if (place != shard) throw new InvalidDataException($"{files.Describe(shard)} holds the tensor {entry.ShownName}, which belongs into '{place}' by {index.File}: the files are not of one model.");
            yield return entry;
        }
    }

    private static void CheckComplete(IModelFileSource files, SafetensorsIndex index, IEnumerable<SafetensorsEntry> entries)
    {
        var there = entries.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (tensor, shard) in index.Shards)
            if (!there.Contains(tensor)) throw new InvalidDataException($"{files.Describe(shard)} lacks the tensor {ModelFileName.Shown(tensor)}, which {index.File} places there: the files are not of one model.");
    }
}
