using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Changes to a safetensors file, each of which breaks a rule of the format or a need of the model.</summary>
internal static class SafetensorsMutations
{
    /// <summary>One change; the same for the same draws.</summary>
    public static Mutation Make(byte[] whole, Random random)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        var header = JsonNode.Parse(whole.AsSpan(8, length))!.AsObject();
        byte[] data = whole[(8 + length)..];
        string[] names = header.Select(p => p.Key).Where(n => n != "__metadata__").ToArray();
        string name = names[random.Next(names.Length)];
        var tensor = header[name]!.AsObject();
        JsonArray shape = tensor["shape"]!.AsArray(), offsets = tensor["data_offsets"]!.AsArray();
        int side = random.Next(2);
        long offset = (long)offsets[side]!;
        Mutation Changed(string kind) => new(kind, true, File(header, data));
        switch (random.Next(14))
        {
            case 0:
                long[] lengths =
                    [-1, long.MinValue, long.MaxValue, length - 1, 0, 1, whole.Length, whole.Length - 7, 1L << 40, int.MaxValue];
                byte[] other = [.. whole];
                BinaryPrimitives.WriteInt64LittleEndian(other, lengths[random.Next(lengths.Length)]);
                return new("header length", true, other);
            case 1:
                return new("cut", true, whole[..random.Next(whole.Length)]);
            case 2:
                return new("bytes behind", true, [.. whole, .. new byte[random.Next(1, 100)]]);
            case 3:
                long[] steps = [-offset - 1, 1, 4, -4, 1L << 40, long.MaxValue - offset];
                offsets[side] = offset + steps[random.Next(steps.Length)];
                return Changed("offset");
            case 4:
                (offsets[0], offsets[1]) = ((long)offsets[1]!, (long)offsets[0]!);
                return Changed("offsets turned round");
            case 5:
                int dimension = random.Next(shape.Count);
                long[] sizes = [-(long)shape[dimension]!, 0, (long)shape[dimension]! + 1, 1L << 62, long.MaxValue];
                shape[dimension] = sizes[random.Next(sizes.Length)];
                return Changed("shape");
            case 6:
                shape.Add(random.Next(2, 5));
                return Changed("dimension more");
            case 7:
                string[] types = ["F16", "F64", "I8", "Q4", "", "f32", "BF16"];
                tensor["dtype"] = types[random.Next(types.Length)];
                return Changed("dtype");
            case 8:
                tensor.Remove(new[] { "dtype", "shape", "data_offsets" }[random.Next(3)]);
                return Changed("field gone");
            case 9:
                header.Remove(name);
                return Changed("tensor gone");
            case 10:
                header[name + "x"] = tensor.DeepClone();
                return Changed("tensors that overlap");
            case 11:
                string json = header.ToJsonString();
                return new("name twice", true, File($"{json[..^1]},\"{name}\":{tensor.ToJsonString()}}}", data));
            case 12:
                byte[] sick = [.. data];
                BinaryPrimitives.WriteSingleLittleEndian(
                    sick.AsSpan((int)(long)offsets[0]!), random.Next(2) == 0 ? float.NaN : float.NegativeInfinity);
                return new("not a number", true, File(header, sick));
            default:
                tensor[new[] { "dtype", "shape", "data_offsets" }[random.Next(3)]] = new JsonObject { ["x"] = 1 };
                return Changed("field of another type");
        }
    }

    private static byte[] File(JsonObject header, byte[] data) => File(header.ToJsonString(), data);

    private static byte[] File(string header, byte[] data)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        return file;
    }
}
