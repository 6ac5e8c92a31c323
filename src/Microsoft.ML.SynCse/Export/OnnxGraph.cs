using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Microsoft.ML.SynCse.Encoders.Weights;
using Onnx;
using TorchSharp;
using static Onnx.TensorProto.Types;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Microsoft.ML.SynCse.Export;

/// <summary>A value in an ONNX graph: an input, a weight, or what a node computes.</summary>
/// <param name="Name">Its name, unique in the graph.</param>
internal readonly record struct OnnxValue(string Name);

/// <summary>An ONNX model while it is made: nodes of the standard operators, weights, inputs and outputs (ONNX opset 17, IR version
/// 8).</summary>
/// <remarks>Weights are kept as tensors, and only copied while the file is written. The tensors belong to the caller.</remarks>
internal sealed class OnnxGraph
{
    /// <summary>The version of the operators.</summary>
    public const int Opset = 17;

    private const int IrVersion = 8;

    // Mapped files are read in pages.
    private const int Alignment = 4096;

    private readonly GraphProto _graph = new() { Name = "sentence_encoder" };
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OnnxValue> _constants = new(StringComparer.Ordinal);
    private readonly List<(TensorProto Header, torch.Tensor Values)> _weights = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>The size of all weights.</summary>
    public long WeightBytes => _weights.Sum(weight => weight.Values.numel() * weight.Values.element_size());

    /// <summary>Adds an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its number format.</param>
    /// <param name="axes">The names of its axes, whose lengths are free.</param>
    public OnnxValue Input(string name, DataType type, params ReadOnlySpan<string> axes)
    {
        _graph.Input.Add(Info(name, type, axes));
        return new(name);
    }

    /// <summary>Adds a scalar input that callers may leave out.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="initial">Its value where it is left out.</param>
    public OnnxValue OptionalInput(string name, long initial)
    {
        _graph.Input.Add(Info(name, DataType.Int64, []));
        _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)DataType.Int64, RawData = Raw<long>([initial]) });
        return new(name);
    }

    /// <summary>Gives a value of a node a name of its own and makes it an output.</summary>
    /// <param name="value">The value; it must come from a node.</param>
    /// <param name="name">The output's name.</param>
    /// <param name="axes">The names of its axes, or their lengths.</param>
    public void Output(OnnxValue value, string name, params ReadOnlySpan<string> axes)
    {
        // An Identity node would copy the block.
        foreach (var node in _graph.Node)
        {
            Rename(node.Input, value.Name, name);
            Rename(node.Output, value.Name, name);
        }
        _graph.Output.Add(Info(name, DataType.Float, axes));
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="attributes">Its attributes: <c>long</c>, <c>long[]</c> or <c>float</c>.</param>
    public OnnxValue Add(string op, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
        => Add(op, 1, inputs, attributes)[0];

    /// <summary>Adds a node.</summary>
    public OnnxValue[] Add(
        string op, int outputs, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = op, Name = Unique(op) };
        foreach (var input in inputs) node.Input.Add(input.Name);
        var values = new OnnxValue[outputs];
        for (int i = 0; i < outputs; i++)
        {
            values[i] = new(i == 0 ? $"{node.Name}_out" : $"{node.Name}_out{i}");
            node.Output.Add(values[i].Name);
        }
        foreach (var (name, value) in attributes) node.Attribute.Add(Attribute(name, value));
        _graph.Node.Add(node);
        return values;
    }

    /// <summary>A weight.</summary>
    /// <param name="name">Its name; made unique if another weight has it.</param>
    /// <param name="values">Its numbers, on the CPU and contiguous; kept until the model is written.</param>
    public OnnxValue Weight(string name, torch.Tensor values)
    {
        var header = new TensorProto
        {
            Name = _weights.Any(w => w.Header.Name == name) ? Unique(name)
            : name,
            DataType = (int)TypeOf(values)
        };
        header.Dims.AddRange(values.shape);
        _weights.Add((header, values));
        return new(header.Name);
    }

    /// <summary>A list of whole numbers, as shapes and axes are given.</summary>
    public OnnxValue Integers(params long[] values)
        => Constant($"int64_{string.Join('_', values)}", DataType.Int64, [values.Length], Raw<long>(values));

    /// <summary>A whole number.</summary>
    public OnnxValue Integer(long value)
        => Constant(FormattableString.Invariant($"int64_scalar_{value}"), DataType.Int64, [], Raw<long>([value]));

    /// <summary>A number.</summary>
    public OnnxValue Number(float value)
        => Constant(FormattableString.Invariant($"float_{value:R}"), DataType.Float, [], Raw<float>([value]));

    /// <summary>Adds an entry to the model's metadata.</summary>
    public void Describe(string key, string value) => _metadata[key] = value;

    /// <summary>Writes the model.</summary>
    /// <param name="model">Receives it.</param>
    /// <param name="data">Receives the weights, if they are to lie in a file of their own. Default: null, they are in the model.</param>
    /// <param name="dataFile">The name of that file, in the model's folder.</param>
    public void Write(Stream model, Stream? data = null, string dataFile = "")
    {
        long offset = 0;
        foreach (var (header, values) in _weights)
        {
            var stored = header.Clone();
            long length = values.numel() * values.element_size();
            if (data is null)
            {
                byte[] bytes = new byte[length];
                using var memory = new MemoryStream(bytes);
                TensorBytes.Write(memory, values);
                stored.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            }
            else
            {
                TensorBytes.Write(data, values);
                stored.DataLocation = DataLocation.External;
                stored.ExternalData.Add(Entry("location", dataFile));
                stored.ExternalData.Add(Entry("offset", FormattableString.Invariant($"{offset}")));
                stored.ExternalData.Add(Entry("length", FormattableString.Invariant($"{length}")));
                int padding = (int)(-length & (Alignment - 1));
                data.Write(new byte[padding]);
                offset += length + padding;
            }
            _graph.Initializer.Add(stored);
        }
        var proto = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Microsoft.ML.SynCse",
            ProducerVersion = typeof(OnnxGraph).Assembly.GetName().Version!.ToString(3),
            Graph = _graph,
        };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (var (key, value) in _metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)) proto.MetadataProps.Add(
            Entry(key, value));
        proto.WriteTo(model);
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    private static ByteString Raw<T>(ReadOnlySpan<T> values) where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    private static void Rename(RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
            if (names[i] == from) names[i] = to;
    }

    private static ValueInfoProto Info(string name, DataType type, ReadOnlySpan<string> axes)
    {
        var shape = new TensorShapeProto();
        foreach (string axis in axes)
        {
            shape.Dim.Add(long.TryParse(axis, System.Globalization.CultureInfo.InvariantCulture, out long length)
                ? new TensorShapeProto.Types.Dimension { DimValue = length }
                : new TensorShapeProto.Types.Dimension { DimParam = axis });
        }
        return new()
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case float number:
                (attribute.F, attribute.Type) = (number, AttributeType.Float);
                break;
            case long integer:
                (attribute.I, attribute.Type) = (integer, AttributeType.Int);
                break;
            case long[] integers:
                attribute.Ints.AddRange(integers);
                attribute.Type = AttributeType.Ints;
                break;
            default:
                throw new ArgumentException($"An attribute of the type {value.GetType()} is not written.", nameof(value));
        }
        return attribute;
    }

    private static DataType TypeOf(torch.Tensor values) => values.dtype switch
    {
        torch.ScalarType.Float32 => DataType.Float,
        torch.ScalarType.Int8 => DataType.Int8,
        torch.ScalarType.Int64 => DataType.Int64,
        _ => throw new ArgumentException($"A weight of the type {values.dtype} is not written.", nameof(values)),
    };

    private OnnxValue Constant(string name, DataType type, long[] shape, ByteString bytes)
    {
        if (_constants.TryGetValue(name, out var known)) return known;
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = bytes };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
        return _constants[name] = new(name);
    }

    private string Unique(string name)
    {
        int number = _numbers.GetValueOrDefault(name);
        _numbers[name] = number + 1;
        return FormattableString.Invariant($"{name}_{number}");
    }
}
