using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse;

/// <summary>Named float32 tensors that belong to one model; outside every dispose scope until disposed.</summary>
internal sealed class EncoderWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    private EncoderWeights(Dictionary<string, Tensor> tensors) => _tensors = tensors;

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The tensor of a name.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>Takes tensors over, on the device given.</summary>
    public static EncoderWeights Take(Dictionary<string, Tensor> tensors, Device device)
    {
        foreach (var (name, tensor) in tensors)
        {
            if (tensor.device.type == device.type && (tensor.device.index == device.index || device.type == DeviceType.CPU)) continue;
            tensors[name] = tensor.to(device).DetachFromDisposeScope();
            tensor.Dispose();
        }
        return new(tensors);
    }

    /// <summary>Reads the tensors of <paramref name="specs"/> from a safetensors file; names may carry <paramref name="prefix"/> there, surplus tensors are ignored.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, or not finite; names it.</exception>
    public static EncoderWeights Read(IModelFileSource files, string file, IReadOnlyList<WeightSpec> specs, string prefix, Device device)
    {
        var shapes = specs.ToDictionary(s => s.Name, s => s.Shape, StringComparer.Ordinal);
        var where = files.Describe(file);
        string Short(string name) => Modern(prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name);
        Dictionary<string, Tensor>? read = null;
        bool found = files.TryRead(file, stream => read = SafetensorsReader.Read(stream, where, entry =>
        {
            if (!shapes.TryGetValue(Short(entry.Name), out var shape)) return false;
            if (shape.SequenceEqual(entry.Shape)) return true;
            throw new InvalidDataException($"{where}: the tensor {entry.Name} has shape {entry.ShapeText}; config.json asks for [{string.Join(", ", shape)}].");
        }));
        if (!found) throw MissingFile(files, file);
        try
        {
            var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var (name, tensor) in read!)
                if (!tensors.TryAdd(Short(name), tensor)) throw new InvalidDataException($"{where} holds the tensor {Short(name)} under two names.");
            Check(tensors, specs, where);
            return Take(tensors, device);
        }
        catch
        {
            foreach (var tensor in read!.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>An own copy of every tensor, with gradients on.</summary>
    public EncoderWeights Clone(Device device)
    {
        var copies = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in _tensors) copies[name] = tensor.detach().to(device, copy: true).requires_grad_().DetachFromDisposeScope();
        return new(copies);
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
        foreach (var tensor in _tensors.Values) tensor.Dispose();
    }

    // Checkpoints converted from TensorFlow still carry its names for a layer norm's scale and shift.
    private static string Modern(string name)
        => name.EndsWith("LayerNorm.gamma", StringComparison.Ordinal) ? name[..^5] + "weight" : name.EndsWith("LayerNorm.beta", StringComparison.Ordinal) ? name[..^4] + "bias" : name;

    private static void Check(Dictionary<string, Tensor> tensors, IReadOnlyList<WeightSpec> specs, string where)
    {
        var missing = specs.Where(s => !tensors.ContainsKey(s.Name)).Select(s => s.Name).ToArray();
        if (missing.Length > 0)
            throw new InvalidDataException($"{where} lacks {missing.Length} tensor{(missing.Length > 1 ? "s" : "")} that config.json asks for: {string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? " ..." : "")}.");
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in tensors)
            if (!tensor.isfinite().all().item<bool>()) throw new InvalidDataException($"{where}: the tensor {name} holds NaN or infinity; the file is damaged or its training failed.");
    }

    private static InvalidDataException MissingFile(IModelFileSource files, string file)
    {
        var pickle = file.Replace("model.safetensors", "pytorch_model.bin", StringComparison.Ordinal);
        if (files.TryRead(pickle, _ => { }))
            return new($"'{files.Location}' has its weights only as {pickle}, a pickle file that runs code when it is read. Convert it once in Python: "
                + (file.Contains('/') ? "SentenceTransformer(folder).save_pretrained(another_folder)." : "AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True)."));
        if (files.TryRead(file + ".index.json", _ => { })) return new($"'{files.Location}' has its weights in several shards ({file}.index.json), which is not supported yet: save it as one {file}.");
        return new($"'{files.Location}' has no {file}.");
    }
}
