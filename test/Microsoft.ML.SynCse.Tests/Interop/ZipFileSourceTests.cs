using System.IO.Compression;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class ZipFileSourceTests
{
    [TestMethod]
    [DataRow("encoder/")]
    [DataRow("TransformerChain\\Transform_000\\encoder\\")]
    public void The_only_encoder_of_a_zip_is_found_with_either_slash(string prefix)
    {
        using var zip = new ZipArchive(
            Zip((prefix + "modules.json", "[]"), (prefix + "1_Pooling/config.json".Replace('/', prefix[^1]), "{}")));
        string? text = null;
        Assert.IsTrue(ZipFileSource.Find(zip, "x.zip")
            .TryRead("1_Pooling/config.json", stream => text = new StreamReader(stream).ReadToEnd()));
        Assert.AreEqual("{}", text);
        Assert.IsFalse(ZipFileSource.Find(zip, "x.zip").TryRead("config.json", _ => { }));
    }

    [TestMethod]
    public void No_encoder_or_several_are_refused_by_the_zips_name()
    {
        using var none = new ZipArchive(Zip(("modules.json", "[]")));
        using var two = new ZipArchive(Zip(("a/encoder/modules.json", "[]"), ("b/encoder/modules.json", "[]")));
        Assert.Contains("'x.zip' holds no sentence encoder",
            Assert.ThrowsExactly<InvalidDataException>(() => ZipFileSource.Find(none, "x.zip")).Message);
        Assert.Contains("'x.zip' holds 2 sentence encoders",
            Assert.ThrowsExactly<InvalidDataException>(() => ZipFileSource.Find(two, "x.zip")).Message);
    }

    [TestMethod]
    public void A_flipped_bit_is_noticed()
    {
        byte[] random = new byte[5000];
        new Random(1).NextBytes(random);
        byte[] bytes = Zip(("encoder/modules.json", "[]"), ("encoder/model.safetensors", Convert.ToBase64String(random))).ToArray();
        int place = bytes.Length / 2;
        bytes[place] ^= 4;
        using var zip = new ZipArchive(new MemoryStream(bytes));
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => ZipFileSource.Find(zip, "x.zip").TryRead("model.safetensors", stream => stream.CopyTo(Stream.Null)));
        Assert.Contains("model.safetensors", error.Message);
    }

    private static MemoryStream Zip(params (string Name, string Text)[] entries)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name, CompressionLevel.NoCompression).Open());
                writer.Write(text);
            }
        }
        return stream;
    }
}
