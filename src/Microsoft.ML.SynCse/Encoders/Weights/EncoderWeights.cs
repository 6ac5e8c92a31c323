using System.Runtime.InteropServices;
using Microsoft.ML.SynCse.Core.Folders;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders.Weights;

/// <summary>Named float32 tensors that belong to one model; outside every dispose scope until disposed.</summary>
internal sealed class EncoderWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;
    private readonly IReadOnlyCollection<Tensor> _owned;

    private EncoderWeights(Dictionary<string, Tensor> tensors, IReadOnlyCollection<Tensor>? owned = null)
        => (_tensors, _owned) = (tensors, owned ?? tensors.Values);

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The tensor of a name.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>Takes tensors over and moves them to a device; if that has no room for all of them, none is left.</summary>
    public static EncoderWeights Take(Dictionary<string, Tensor> tensors, Device device)
    {
        try
        {
            foreach (var (name, tensor) in tensors)
            {
                bool isThere = tensor.device.type == device.type
                    && (tensor.device.index == device.index || device.type == DeviceType.CPU);
                if (isThere) continue;
                tensors[name] = tensor.to(device).DetachFromDisposeScope();
                tensor.Dispose();
            }
            return new(tensors);
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads the tensors of <paramref name="specs"/> from a safetensors file or its shards.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="file">The name of the safetensors file.</param>
    /// <param name="specs">The tensors that are needed; others in the file are ignored.</param>
    /// <param name="prefix">What the names may have in front in the file, such as "bert."; "" for nothing.</param>
    /// <param name="device">The device of the tensors.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, or not finite; names it. Shapes are compared before
    /// memory is taken for any tensor.</exception>
    public static EncoderWeights Read(IModelFileSource files, string file, IReadOnlyList<WeightSpec> specs, string prefix, Device device)
    {
        var names = new TensorNames(specs, prefix);
        var read = SafetensorsReader.Read(files, file, names.Choose) ?? throw MissingFile(files, file);
        try
        {
            var tensors = read.ToDictionary(t => names.Short(t.Key), t => t.Value, StringComparer.Ordinal);
            CheckFinite(tensors, names);
            return Take(tensors, device);
        }
        catch
        {
            foreach (var tensor in read.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>A copy of every tensor, with gradients on.</summary>
    public EncoderWeights Clone(Device device)
    {
        var copies = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // They belong to the scope until all are made: if the last does not fit, the first must go.
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in _tensors) copies[name] = tensor.detach().to(device, copy: true).requires_grad_();
        foreach (var copy in copies.Values) copy.DetachFromDisposeScope();
        return new(copies);
    }

    /// <summary>Copies the numbers into managed memory.</summary>
    /// <returns>A function that makes weights of the copy on a device, without gradients; it may be called after these are
    /// disposed.</returns>
    public Func<Device, EncoderWeights> Snapshot()
    {
        var copies = new List<(string Name, long[] Shape, float[] Values)>(_tensors.Count);
        foreach (var (name, tensor) in _tensors)
        {
            using var scope = NewDisposeScope();
            float[] values = new float[tensor.numel()];
            ForPieces(tensor.detach().cpu().contiguous(), values, (stored, copy) => stored.CopyTo(copy));
            copies.Add((name, tensor.shape, values));
        }
        return device =>
        {
            var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            using var scope = NewDisposeScope();
            foreach (var (name, shape, values) in copies)
            {
                tensors[name] = empty(shape, dtype: ScalarType.Float32);
                ForPieces(tensors[name], values, (stored, copy) => copy.CopyTo(stored));
            }
            foreach (var made in tensors.Values) made.DetachFromDisposeScope();
            return Take(tensors, device);
        };
    }

    /// <summary>The same weights, some of them in another number format; the others still belong to these.</summary>
    /// <param name="type">The format.</param>
    /// <param name="which">The names of the tensors that change.</param>
    /// <param name="keep">True: the changed tensors outlive the dispose scope and belong to the result. False: they belong to the scope,
    /// and gradients reach these weights through them.</param>
    public EncoderWeights Cast(ScalarType type, Func<string, bool> which, bool keep)
    {
        var tensors = new Dictionary<string, Tensor>(_tensors, StringComparer.Ordinal);
        if (!keep)
        {
            foreach (string? name in _tensors.Keys.Where(which)) tensors[name] = _tensors[name].to(type);
            return new(tensors, []);
        }
        var changed = new List<Tensor>();
        using var scope = NewDisposeScope();
        foreach (string? name in _tensors.Keys.Where(which)) changed.Add(tensors[name] = _tensors[name].detach().to(type));
        foreach (var tensor in changed) tensor.DetachFromDisposeScope();
        return new(tensors, changed);
    }

    /// <summary>Ends the gradients of every tensor.</summary>
    public void Freeze()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.requires_grad = false;
            tensor.grad = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _owned) tensor.Dispose();
    }

    // TorchSharp gives a tensor's bytes as a span, which ends at 2 GB.
    private static void ForPieces(Tensor tensor, float[] values, PieceCopy copy)
    {
        const int Piece = 1 << 24;
        var flat = tensor.view(-1);
        for (long start = 0; start < values.Length; start += Piece)
        {
            using var scope = NewDisposeScope();
            int count = (int)Math.Min(Piece, values.Length - start);
            copy(MemoryMarshal.Cast<byte, float>(flat.narrow(0, start, count).bytes), values.AsSpan((int)start, count));
        }
    }

    private delegate void PieceCopy(Span<float> stored, Span<float> copy);

    // Minimum and maximum are NaN if one number is, and infinite if one is infinite; nothing is copied for it.
    private static void CheckFinite(Dictionary<string, Tensor> tensors, TensorNames names)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in tensors)
        {
            if (tensor.numel() == 0) continue;
            var (min, max) = tensor.aminmax();
            if (float.IsFinite(min.item<float>()) && float.IsFinite(max.item<float>())) continue;
            throw new InvalidDataException(
                $"{names.FileOf(name)}: the tensor {name} holds NaN or infinity; the file is damaged or its training failed.");
        }
    }

    private static InvalidDataException MissingFile(IModelFileSource files, string file)
    {
        string pickle = file.Replace("model.safetensors", "pytorch_model.bin", StringComparison.Ordinal);
        if (!files.TryRead(pickle, _ => { })) return new($"'{files.Location}' has no {file} and no {SafetensorsIndex.NameFor(file)}.");
        return new($"'{files.Location}' has its weights only as {pickle}, a pickle file that runs code when it is read. "
            + "Convert it once in Python: "
            + (file.Contains('/') ? "SentenceTransformer(folder).save_pretrained(another_folder)."
                : "AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True)."));
    }

    // The tensors that are needed, found among those of a file under the names that its makers gave them.
    private sealed class TensorNames(IReadOnlyList<WeightSpec> specs, string prefix)
    {
        private readonly Dictionary<string, long[]> _shapes = specs.ToDictionary(s => s.Name, s => s.Shape, StringComparer.Ordinal);
        private readonly Dictionary<string, SafetensorsEntry> _found = new(StringComparer.Ordinal);

        // Without the prefix, and with today's words for TensorFlow's gamma and beta of a layer norm, which converted checkpoints still
        // have.
        public string Short(string name)
        {
            string bare = prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
            if (bare.EndsWith("LayerNorm.gamma", StringComparison.Ordinal)) return bare[..^5] + "weight";
            return bare.EndsWith("LayerNorm.beta", StringComparison.Ordinal) ? bare[..^4] + "bias" : bare;
        }

        // The file of a tensor that was chosen, by its short name.
        public string FileOf(string name) => _found[name].File;

        public Func<SafetensorsEntry, bool> Choose(IReadOnlyList<SafetensorsEntry> entries, string file)
        {
            foreach (var entry in entries)
            {
                string name = Short(entry.Name);
                if (!_shapes.TryGetValue(name, out long[]? shape)) continue;
                if (!shape.SequenceEqual(entry.Shape))
                    throw new InvalidDataException($"{entry.File}: the tensor {entry.Name} has shape {entry.ShapeText}; "
                        + $"config.json asks for [{string.Join(", ", shape)}].");
                if (!_found.TryAdd(name, entry) && !IsSame(_found[name], entry))
                    throw new InvalidDataException($"{entry.File} holds the tensor {name} under two names.");
            }
            string[] missing = specs.Where(s => !_found.ContainsKey(s.Name)).Select(s => s.Name).ToArray();
            if (missing.Length == 0) return entry => _found.TryGetValue(Short(entry.Name), out var found) && found.Name == entry.Name;
            throw new InvalidDataException(
                $"{file} lacks {missing.Length} tensor{(missing.Length > 1 ? "s" : "")} that config.json asks for: "
                + $"{string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? " ..." : "")}.");
        }

        private static bool IsSame(SafetensorsEntry one, SafetensorsEntry other)
            => (one.File, one.Begin, one.End) == (other.File, other.Begin, other.End);
    }
}

/// <summary>A tensor that an architecture needs.</summary>
/// <param name="Name">Its name in the model's files, without the architecture's prefix.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record WeightSpec(string Name, long[] Shape);
