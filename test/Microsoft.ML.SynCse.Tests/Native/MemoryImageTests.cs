using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.ML.SynCse.Native;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
[SupportedOSPlatform("linux")]
public sealed class MemoryImageTests
{
    private const string Export = "SystemNative_GetPid";
    private static readonly byte[] _image =
        File.ReadAllBytes(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"));

    [TestMethod]
    public void A_library_loads_from_a_memory_file()
    {
        nint handle = MemoryImage.LoadFromMemoryFile(_image, "InMemory", out string? trouble);
        Assert.AreEqual("", trouble);
        Assert.IsTrue(NativeLibrary.TryGetExport(handle, Export, out _));
        StringAssert.Contains(Maps(), "/memfd:InMemory (deleted)");
    }

    [TestMethod]
    public void A_library_loads_from_a_temporary_file_that_is_gone_afterwards()
    {
        string parent = Directory.CreateTempSubdirectory("syncse-test-").FullName;
        nint handle = MemoryImage.LoadFromTemporaryFile(_image, "InFile", parent, out string? trouble);
        Assert.AreEqual("", trouble);
        Assert.IsTrue(NativeLibrary.TryGetExport(handle, Export, out _));
        Assert.IsEmpty(Directory.GetFileSystemEntries(parent));
        StringAssert.Contains(Maps(), "libInFile.so (deleted)");
        Directory.Delete(parent);
    }

    [TestMethod]
    public void A_folder_that_cannot_be_written_is_named()
    {
        string parent = Path.GetTempFileName(); // a file: nothing can be made below it, whoever asks
        Assert.AreEqual(0, MemoryImage.LoadFromTemporaryFile(_image, "InFile", parent, out string? trouble));
        StringAssert.Contains(trouble, $"a file in {parent}");
        File.Delete(parent);
    }

    [TestMethod]
    public void An_image_that_does_not_load_gives_the_loader_s_words_for_every_way()
    {
        Assert.AreEqual(0, MemoryImage.Load([1, 2, 3], "Broken", out string? trouble));
        StringAssert.Contains(trouble, "not loaded from a memory file (/proc/self/fd/./");
        StringAssert.Contains(trouble, $"not loaded from a file in {Path.GetTempPath()}");
    }

    private static string Maps() => File.ReadAllText("/proc/self/maps");
}
