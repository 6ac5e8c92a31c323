using System.Buffers.Binary;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders.Weights;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Files and tensors beyond the 2 GB at which a span ends; needs 3 GB of memory, and disk for a few bytes only.</summary>
[TestClass]
[DoNotParallelize]
[TestCategory("Campaign")]
public sealed class HugeWeightsCampaign
{
    private const long Slack = 64 << 20;
    private readonly TemporaryFolder _temporary = new();

    public TestContext TestContext { get; set; } = null!;

    // The native library's own pages are not the reader's.
    [TestInitialize]
    public void LoadTorch() => TinyEncoder.Load().Dispose();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow("F32", 4, 600_000_000L)]
    [DataRow("F16", 2, 700_000_000L)]
    public void A_tensor_of_more_than_two_gigabytes_is_read_whole_and_so_is_what_lies_behind_it(string dtype, int size, long count)
    {
        string path = Sparse(dtype, size, count);
        long model = count * 4;
        EncoderWeights? weights = null;
        var files = new FolderFileSource(Path.GetDirectoryName(path)!);
        // The check that all numbers are finite is in it, and must not copy the tensor either.
        long peak = ProcessMemory.PeakGrowth(()
            => weights = EncoderWeights.Read(files, Path.GetFileName(path), [new("big", [count]), new("small", [3])], "", torch.CPU));
        TestContext.WriteLine($"{dtype}: file {new FileInfo(path).Length >> 20} MB, float32 {model >> 20} MB, peak {peak >> 20} MB");
        using (weights)
        {
            Assert.AreEqual(1f, weights!["big"][0].item<float>());
            Assert.AreEqual(2f, weights["big"][count - 1].item<float>());
            CollectionAssert.AreEqual(new[] { 1f, 2f, 1f }, weights["small"].data<float>().ToArray());
            Assert.AreEqual(3f, weights["big"].sum().item<float>());
        }
        Assert.IsLessThan(model + Slack, peak);
    }

    [TestMethod]
    public void Shapes_are_refused_before_memory_is_taken()
    {
        string folder = TinyEncoder.WriteFolder(_temporary), path = Sparse("F32", 4, 600_000_000);
        File.Move(path, Path.Combine(folder, "model.safetensors"), overwrite: true);
        long peak = ProcessMemory.PeakGrowth(() => Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder)));
        TestContext.WriteLine($"peak {peak >> 20} MB");
        Assert.IsLessThan(Slack, peak);
    }

    // One big tensor of zeros but for its ends, which are holes in the file, and one small one behind it. Ends: 1 and 2.
    private string Sparse(string dtype, int size, long count)
    {
        string path = _temporary.New("big.safetensors");
        long big = count * size, small = 3 * size;
        byte[] json = System.Text.Encoding.UTF8.GetBytes(
            $$$"""
                {"big":{"dtype":"{{{dtype}}}","shape":[{{{count}}}],"data_offsets":[0,{{{big}}}]},
                "small":{"dtype":"{{{dtype}}}","shape":[3],"data_offsets":[{{{big}}},{{{big + small}}}]}}
                """);
        using var file = File.Create(path);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
        long start = file.Position;
        file.SetLength(start + big + small);
        void Write(long at, float value)
        {
            Span<byte> bytes = stackalloc byte[size];
            if (size == 4) BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            else BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
            file.Position = start + at * size;
            file.Write(bytes);
        }

        Write(0, 1);
        Write(count - 1, 2);
        for (int i = 0; i < 3; i++) Write(count + i, i == 1 ? 2 : 1);
        return path;
    }
}
