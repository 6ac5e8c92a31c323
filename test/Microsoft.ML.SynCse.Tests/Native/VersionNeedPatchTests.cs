using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class VersionNeedPatchTests
{
    private const string New = "GLIBCXX_3.4.32", Middle = "GLIBCXX_3.4.30", Old = "GLIBCXX_3.4.11", Wait = "wait";

    [TestMethod]
    public void A_version_that_nothing_uses_is_made_weak_by_one_bit()
    {
        var builder = Library();
        byte[] image = builder.Build();
        byte[] before = (byte[])image.Clone();
        Assert.IsNull(VersionNeedPatch.Weaken(image, New));
        int flags = builder.NeedAt + 16 + 4; // the first entry after the file's own
        CollectionAssert.AreEqual(new[] { flags }, Differences(before, image));
        Assert.AreEqual(2, image[flags]);
    }

    [TestMethod]
    public void A_version_whose_symbol_is_relocated_is_refused()
        => Refused(Library(relocateNew: true).Build(), "a relocation uses a symbol of");

    [TestMethod]
    public void A_version_that_is_weak_already_is_refused() => Refused(Library(flags: 2).Build(), "weak already");

    [TestMethod]
    public void A_version_that_is_not_there_is_refused()
        => Refused(new ElfBuilder().Version(Old, 2).Build(), "no requirement named GLIBCXX_3.4.32");

    [TestMethod]
    public void A_version_that_is_there_twice_is_refused()
        => Refused(new ElfBuilder().Version(New, 2).Version(New, 3).Build(), "more than one requirement");

    [TestMethod]
    [DataRow(0, (byte)'M', DisplayName = "no ELF magic")]
    [DataRow(4, (byte)1, DisplayName = "32-bit")]
    [DataRow(5, (byte)2, DisplayName = "big-endian")]
    [DataRow(16, (byte)2, DisplayName = "a program")]
    [DataRow(18, (byte)183, DisplayName = "arm64")]
    public void Another_kind_of_file_is_refused(int at, byte value)
    {
        byte[] image = Library().Build();
        image[at] = value;
        Refused(image, "not an x86-64 ELF shared library");
    }

    [TestMethod]
    public void An_image_cut_anywhere_is_refused_and_unchanged()
    {
        byte[] whole = Library().Build();
        for (int length = 0; length < whole.Length; length++)
            Refused(whole[..length], length < 64 ? "not an x86-64" : "damaged");
    }

    [TestMethod]
    public void A_byte_changed_anywhere_never_throws_and_never_changes_more_than_the_flag()
    {
        var builder = Library();
        byte[] whole = builder.Build();
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] image = (byte[])whole.Clone();
            image[at] = 0xff;
            byte[] before = (byte[])image.Clone();
            string? refusal = VersionNeedPatch.Weaken(image, New);
            Assert.HasCount(refusal is null ? 1 : 0, Differences(before, image), $"byte {at}: {refusal}");
        }
    }

    [TestMethod]
    public void A_chain_of_versions_that_ends_early_is_refused()
    {
        var builder = Library();
        byte[] image = builder.Build();
        image[builder.NeedAt + 16 + 12] = 0; // vna_next of the first entry
        Refused(image, "damaged");
    }

    [TestMethod]
    public void A_symbol_is_bound_to_its_older_version()
    {
        var builder = Library();
        byte[] image = builder.Build();
        byte[] before = (byte[])image.Clone();
        Assert.IsNull(VersionNeedPatch.Rebind(image, Wait, Middle, Old));
        int symbol = builder.VersionsAt + 2 * 2, flags = builder.NeedAt + 2 * 16 + 4;
        CollectionAssert.AreEqual(new[] { symbol, flags }, Differences(before, image));
        Assert.AreEqual(4, image[symbol]);
    }

    [TestMethod]
    public void Another_symbol_of_the_version_is_not_bound_anew()
    {
        byte[] image = Library().Symbol("notify", 3, relocated: true).Build();
        byte[] before = (byte[])image.Clone();
        StringAssert.Contains(VersionNeedPatch.Rebind(image, Wait, Middle, Old), "another symbol");
        CollectionAssert.AreEqual(before, image);
    }

    [TestMethod]
    public void The_library_in_TorchSharp_s_package_is_the_one_known()
    {
        if (NativeFiles.NameOf("x") != "libx.so") Assert.Inconclusive("looks for the Linux library among the application's natives");
        string? path = NativeFiles.Find(TorchSharpMender.Library, typeof(torch).Assembly);
        Assert.IsNotNull(path);
        byte[] stock = File.ReadAllBytes(path);
        byte[] image = (byte[])stock.Clone();
        foreach (var (version, repair) in TorchSharpMender.Repairs) Assert.IsNull(repair(image), version);
        Assert.HasCount(3, Differences(stock, image)); // two flags and the version of one symbol
    }

    private static ElfBuilder Library(bool relocateNew = false, ushort flags = 0) => new ElfBuilder()
        .Version(New, 2, flags).Version(Middle, 3).Version(Old, 4)
        .Symbol("init", 2, relocateNew).Symbol(Wait, 3, relocated: true).Symbol("old", 4, relocated: true);

    private static void Refused(byte[] image, string reason)
    {
        byte[] before = (byte[])image.Clone();
        StringAssert.Contains(VersionNeedPatch.Weaken(image, New), reason);
        CollectionAssert.AreEqual(before, image);
    }

    private static int[] Differences(byte[] left, byte[] right) => [.. Enumerable.Range(0, left.Length).Where(i => left[i] != right[i])];
}
