using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Single tensors of a safetensors file as managed arrays.</summary>
internal static class SafetensorsValues
{
    /// <summary>The numbers of a tensor, row after row, as float32.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="file">The name of the safetensors file.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="InvalidDataException">The file or the tensor is missing, damaged, of another shape, of a number format that is not
    /// read here, or not finite; names it.</exception>
    public static float[] Read(IModelFileSource files, string file, string name, params ReadOnlySpan<long> shape)
    {
        long[] wanted = shape.ToArray();
        float[]? values = null;
        bool found = files.TryRead(file, stream =>
        {
            var entries = SafetensorsHeader.Read(stream, files.Describe(file));
            var entry = entries.FirstOrDefault(e => e.Name == name)
                ?? throw new InvalidDataException($"{files.Describe(file)} lacks the tensor {name}.");
            if (!entry.Shape.SequenceEqual(wanted))
                throw new InvalidDataException(
                    $"{entry.File}: the tensor {name} has shape {entry.ShapeText}; [{string.Join(", ", wanted)}] is needed.");
            Skip(stream, entry.Begin);
            byte[] bytes = new byte[entry.End - entry.Begin];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw SafetensorsHeader.Damaged(entry.File, "it ends inside a tensor");
            values = Convert(bytes, entry);
        });
        if (!found || values is null) throw new InvalidDataException($"'{files.Location}' has no {file}.");
        if (!values.All(float.IsFinite))
            throw new InvalidDataException($"{files.Describe(file)}: the tensor {name} holds NaN or infinity; the file is damaged.");
        return values;
    }

    private static float[] Convert(byte[] bytes, SafetensorsEntry entry)
    {
        switch (entry.Dtype)
        {
            case "F32":
                return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
            case "F16":
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                float[] values = new float[halves.Length];
                TensorPrimitives.ConvertToSingle(halves, values);
                return values;
            case "BF16":
                // The upper half of a float32.
                return [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(bits => BitConverter.Int32BitsToSingle(bits << 16))];
            default:
                throw new InvalidDataException($"{entry.File}: the tensor {entry.ShownName} is {entry.Dtype}; F32, F16 and BF16 are read.");
        }
    }

    // The stream may be forward-only.
    private static void Skip(Stream stream, long bytes)
    {
        byte[] buffer = new byte[1 << 16];
        while (bytes > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, bytes));
            if (read == 0) throw new EndOfStreamException();
            bytes -= read;
        }
    }
}
