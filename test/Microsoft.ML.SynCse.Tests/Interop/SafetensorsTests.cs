using System.Buffers.Binary;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SafetensorsTests
{
    [TestMethod]
    public void Written_tensors_are_read_back_bit_for_bit()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = new Dictionary<string, torch.Tensor>
        {
            ["b.weight"] = torch.randn(3, 4),
            ["a"] = torch.randn(5),
            ["scalar"] = torch.tensor(2.5f),
            ["none"] = torch.empty(0, 4)
        };
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        foreach (var source in new[] { new MemoryStream(stream.ToArray()), (Stream)new ForwardOnly(stream.ToArray()) })
        {
            var read = SafetensorsReader.Read(source, "x", (_, _) => _ => true);
            CollectionAssert.AreEquivalent(tensors.Keys.ToArray(), read.Keys.ToArray());
            foreach (var (name, tensor) in tensors)
            {
                CollectionAssert.AreEqual(tensor.shape, read[name].shape);
                Assert.IsTrue(tensor.bytes.SequenceEqual(read[name].bytes), name);
                read[name].Dispose();
            }
        }
    }

    [TestMethod]
    public void Tensors_nobody_wants_are_skipped()
    {
        using var scope = torch.NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream, new Dictionary<string, torch.Tensor>
            {
                ["a"] = torch.ones(1000),
                ["b"] = torch.ones(3).mul_(2),
                ["c"] = torch.ones(1000)
            });
        var read = SafetensorsReader.Read(new ForwardOnly(stream.ToArray()), "x", (_, _) => e => e.Name == "b");
        CollectionAssert.AreEqual(new[] { 2f, 2f, 2f }, read.Single().Value.data<float>().ToArray());
        read["b"].Dispose();
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 8, "do not fit together")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leave a gap")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 8,
        "leave a gap")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "do not fit together")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers from 0")]
    [DataRow("""{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype 'Q4'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "take 4 bytes and 8 are there")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "the tensor a lacks")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "two data_offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "two data_offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "do not fit together")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e30]}}""", 4, "two data_offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "bytes 0 to 8 of 4")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "at most 8")]
    [DataRow("""{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", 4, "the tensor a lacks a dtype")]
    [DataRow("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' is there twice")]
    [DataRow("""{"a":7}""", 0, "a is not an object")]
    [DataRow("""{"__metadata__":{"x":{"y":1}}}""", 0, "metadata x is not a text")]
    [DataRow("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "half a character")]
    [DataRow("""{"__metadata__":{"x":"y"}}}""", 0, "cannot be read")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":[[[[[[[[[[]]]]]]]]]]}}""", 4, "cannot be read")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4,
        "there twice")]
    [DataRow("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8, "must be F32")]
    [DataRow("[1, 2]", 0, "cannot be read")]
    [DataRow("{", 0, "cannot be read")]
    public void A_header_that_lies_is_refused(string header, int dataBytes, string reason)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => SafetensorsReader.Read(new MemoryStream(File(header, dataBytes)), "model.safetensors", (_, _) => _ => true));
        Assert.Contains("model.safetensors", error.Message);
        Assert.Contains(reason, error.Message);
    }

    [TestMethod]
    [DataRow(ulong.MaxValue)]
    [DataRow(1_000_000_000_000ul)]
    [DataRow(1000ul)]
    public void A_header_longer_than_the_file_allocates_nothing(ulong length)
    {
        byte[] file = File("{}", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.Contains($"claims {length} bytes",
            Assert.ThrowsExactly<InvalidDataException>(()
            => SafetensorsReader.Read(new MemoryStream(file), "x", (_, _) => _ => true)).Message);
    }

    [TestMethod]
    public void A_file_that_ends_early_is_refused_on_any_stream()
    {
        byte[] file = File("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 10);
        Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsReader.Read(new MemoryStream(file), "x", (_, _) => _ => true));
        Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsReader.Read(new ForwardOnly(file), "x", (_, _) => _ => true));
        Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsReader.Read(new MemoryStream([1, 2]), "x", (_, _) => _ => true));
    }

    private static byte[] File(string header, int dataBytes)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    private sealed class ForwardOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();
    }
}
