using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>The tensors a model needs, found among a file's under the names that its makers gave them.</summary>
/// <param name="specs">What is needed.</param>
/// <param name="prefix">What names may carry in front, such as "bert."; "" for nothing.</param>
internal sealed class TensorNames(IReadOnlyList<WeightSpec> specs, string prefix)
{
    private readonly Dictionary<string, long[]> _shapes = specs.ToDictionary(s => s.Name, s => s.Shape, StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsEntry> _found = new(StringComparer.Ordinal);

    /// <summary>The name without the prefix and without what TensorFlow called a layer norm's scale and shift, which checkpoints converted from it still carry.</summary>
    public string Short(string name)
    {
        var bare = prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        return bare.EndsWith("LayerNorm.gamma", StringComparison.Ordinal) ? bare[..^5] + "weight" : bare.EndsWith("LayerNorm.beta", StringComparison.Ordinal) ? bare[..^4] + "bias" : bare;
    }

    /// <summary>The file of a tensor that was chosen, by its short name.</summary>
    public string FileOf(string name) => _found[name].File;

    /// <summary>Picks the needed tensors.</summary>
    /// <param name="entries">All tensors there are.</param>
    /// <param name="file">Where they are, for messages.</param>
    /// <exception cref="InvalidDataException">One is missing, there twice, or of another shape; names it.</exception>
    public Func<SafetensorsEntry, bool> Choose(IReadOnlyList<SafetensorsEntry> entries, string file)
    {
        foreach (var entry in entries)
        {
            var name = Short(entry.Name);
            if (!_shapes.TryGetValue(name, out var shape)) continue;
            if (!shape.SequenceEqual(entry.Shape)) throw new InvalidDataException($"{entry.File}: the tensor {entry.Name} has shape {entry.ShapeText}; config.json asks for [{string.Join(", ", shape)}].");
            if (!_found.TryAdd(name, entry) && !IsSame(_found[name], entry)) throw new InvalidDataException($"{entry.File} holds the tensor {name} under two names.");
        }
        var missing = specs.Where(s => !_found.ContainsKey(s.Name)).Select(s => s.Name).ToArray();
        if (missing.Length == 0) return entry => _found.TryGetValue(Short(entry.Name), out var found) && found.Name == entry.Name;
        throw new InvalidDataException($"{file} lacks {missing.Length} tensor{(missing.Length > 1 ? "s" : "")} that config.json asks for: {string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? " ..." : "")}.");
    }

    private static bool IsSame(SafetensorsEntry one, SafetensorsEntry other) => (one.File, one.Begin, one.End) == (other.File, other.Begin, other.End);
}
