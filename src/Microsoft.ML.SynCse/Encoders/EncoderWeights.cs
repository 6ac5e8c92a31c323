using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Named float32 tensors that belong to one model; outside every dispose scope until disposed.</summary>
internal sealed class EncoderWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    private readonly IReadOnlyCollection<Tensor> _owned;

    private EncoderWeights(Dictionary<string, Tensor> tensors, IReadOnlyCollection<Tensor>? owned = null) => (_tensors, _owned) = (tensors, owned ?? tensors.Values);

    /// <summary>All tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The tensor of a name.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>Takes tensors over, on the device given; where that has no room for all of them, none is left.</summary>
    public static EncoderWeights Take(Dictionary<string, Tensor> tensors, Device device)
    {
        try
        {
            foreach (var (name, tensor) in tensors)
            {
                if (tensor.device.type == device.type && (tensor.device.index == device.index || device.type == DeviceType.CPU)) continue;
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

    /// <summary>Reads the tensors of <paramref name="specs"/> from a safetensors file or its shards; names may carry <paramref name="prefix"/> there, surplus tensors are ignored.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, or not finite; names it. Shapes are compared before memory is taken for any tensor.</exception>
    public static EncoderWeights Read(IModelFileSource files, string file, IReadOnlyList<WeightSpec> specs, string prefix, Device device)
    {
        var names = new TensorNames(specs, prefix);
        var read = SafetensorsFiles.Read(files, file, names.Choose) ?? throw MissingFile(files, file);
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

    /// <summary>An own copy of every tensor, with gradients on.</summary>
    public EncoderWeights Clone(Device device)
    {
        var copies = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        // The scope's until all are made: where there is no room for the last, the first must not stay.
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in _tensors) copies[name] = tensor.detach().to(device, copy: true).requires_grad_();
        foreach (var copy in copies.Values) copy.DetachFromDisposeScope();
        return new(copies);
    }

    /// <summary>The same weights, some of them in another number format; what stays as it is still belongs to these.</summary>
    /// <param name="type">The format.</param>
    /// <param name="which">Which tensors change.</param>
    /// <param name="keep">Whether the changed ones outlive the dispose scope and belong to the result; else they belong to the scope, and gradients reach these weights through them.</param>
    public EncoderWeights Cast(ScalarType type, Func<string, bool> which, bool keep)
    {
        var tensors = new Dictionary<string, Tensor>(_tensors, StringComparer.Ordinal);
        if (!keep)
        {
            foreach (var name in _tensors.Keys.Where(which)) tensors[name] = _tensors[name].to(type);
            return new(tensors, []);
        }
        var changed = new List<Tensor>();
        using var scope = NewDisposeScope();
        foreach (var name in _tensors.Keys.Where(which)) changed.Add(tensors[name] = _tensors[name].detach().to(type));
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

    // Both ends are NaN where one number is, and infinite where one is infinite; nothing is copied for it.
    private static void CheckFinite(Dictionary<string, Tensor> tensors, TensorNames names)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in tensors)
        {
            if (tensor.numel() == 0) continue;
            var (min, max) = tensor.aminmax();
            if (!float.IsFinite(min.item<float>()) || !float.IsFinite(max.item<float>()))
                throw new InvalidDataException($"{names.FileOf(name)}: the tensor {name} holds NaN or infinity; the file is damaged or its training failed.");
        }
    }

    private static InvalidDataException MissingFile(IModelFileSource files, string file)
    {
        var pickle = file.Replace("model.safetensors", "pytorch_model.bin", StringComparison.Ordinal);
        if (files.TryRead(pickle, _ => { }))
            return new($"'{files.Location}' has its weights only as {pickle}, a pickle file that runs code when it is read. Convert it once in Python: "
                + (file.Contains('/') ? "SentenceTransformer(folder).save_pretrained(another_folder)." : "AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True)."));
        return new($"'{files.Location}' has no {file} and no {SafetensorsIndex.NameFor(file)}.");
    }
}
