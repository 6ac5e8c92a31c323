using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class TorchSharpMenderTests
{
    private static readonly Assembly _torchSharp = typeof(torch).Assembly;

    [TestMethod]
    public void However_often_torch_probes_there_is_one_copy()
    {
        TorchRuntime.EnsureAvailable();
        _ = torch.cuda.is_available();
        Assert.AreEqual(
            NativeLibrary.Load(TorchSharpMender.Library, _torchSharp, null),
                NativeLibrary.Load(TorchSharpMender.Library, _torchSharp, null));
        if (!OperatingSystem.IsLinux()) return;
        string[] copies = File.ReadLines("/proc/self/maps").Where(line => line.Contains("LibTorchSharp", StringComparison.Ordinal))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4]).Distinct().ToArray(); // the inode
        Assert.HasCount(1, copies);
        Assert.AreEqual(
            TorchSharpMender.Report is not null,
            File.ReadAllText("/proc/self/maps").Contains("/memfd:LibTorchSharp", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_plug_in_with_its_own_TorchSharp_gets_the_same_library()
    {
        TorchRuntime.EnsureAvailable();
        using var copy = File.OpenRead(_torchSharp.Location);
        var plugin = new AssemblyLoadContext("plug-in").LoadFromStream(copy);
        Assert.AreNotSame(_torchSharp, plugin);
        TorchSharpMender.Watch(plugin);
        Assert.AreEqual(
            NativeLibrary.Load(TorchSharpMender.Library, _torchSharp, null), NativeLibrary.Load(TorchSharpMender.Library, plugin, null));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Nobody_is_asked_where_the_runtime_s_own_probe_finds_a_library_that_loads()
    {
        string folder = Directory.CreateTempSubdirectory("syncse-plugin-").FullName;
        File.Copy(_torchSharp.Location, Path.Combine(folder, "TorchSharp.dll"));
        File.Copy(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so"),
            Path.Combine(folder, "libLibTorchSharp.so"));
        var context = new AssemblyLoadContext("plug-in that loads");
        int asked = 0;
        context.ResolvingUnmanagedDll += (_, _) =>
        {
            asked++;
            return 0;
        };
        var plugin = context.LoadFromAssemblyPath(Path.Combine(folder, "TorchSharp.dll"));
        TorchSharpMender.Watch(plugin);
        Assert.IsTrue(NativeLibrary.TryLoad(TorchSharpMender.Library, plugin, null, out _));
        Assert.AreEqual(0, asked);
        Assert.IsFalse(NativeLibrary.TryLoad("NoSuchLibrary", plugin, null, out _));
        Assert.AreEqual(1, asked, "the event itself works");
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    public void The_stock_file_stays_as_it_was()
    {
        TorchRuntime.EnsureAvailable();
        if (!TorchSharpMender.IsForThisSystem) Assert.Inconclusive("nothing is ever mended here");
        string? path = NativeFiles.Find(TorchSharpMender.Library, _torchSharp);
        Assert.IsNull(VersionNeedPatch.Weaken(File.ReadAllBytes(path!), "GLIBCXX_3.4.32"), "still to be weakened");
    }
}
