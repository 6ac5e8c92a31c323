using SynCse.Samples;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The doctor on a Windows that these tests do not run on: its paths are handed in.</summary>
[TestClass]
public sealed class OnnxRuntimeCheckTests
{
    private const string System32 = @"C:\WINDOWS\system32", Application = @"D:\app\";

    [TestMethod]
    [DataRow(@"C:\Windows\System32\onnxruntime.dll")]
    [DataRow(@"c:\windows\SYSTEM32\ONNXRUNTIME.DLL")]
    public void The_copy_of_the_system_is_an_error_where_it_is_loaded(string path)
    {
        string? trouble = OnnxRuntimeCheck.Trouble([@"C:\Windows\System32\kernel32.dll", path], [Application], System32, _ => false);
        Assert.IsNotNull(trouble);
        foreach (string? part in new[] { path, "Windows ML", "Microsoft.ML.OnnxRuntime" }) StringAssert.Contains(trouble, part);
    }

    [TestMethod]
    public void It_is_an_error_where_it_would_be_loaded()
    {
        string[] files = [@"D:\app\Microsoft.ML.OnnxRuntime.dll", System32 + @"\onnxruntime.dll"];
        string? trouble = OnnxRuntimeCheck.Trouble([], [Application], System32, Exists(files));
        StringAssert.Contains(trouble, $@"would be loaded from {System32}\onnxruntime.dll");
        Assert.IsNull(OnnxRuntimeCheck.Trouble([], [Application], System32, Exists([.. files, @"D:\app\onnxruntime.dll"])),
            "brings its own");
        Assert.IsNull(OnnxRuntimeCheck.Trouble([], [Application], System32, Exists(files[1..])), "does not ask for it");
        Assert.IsNull(OnnxRuntimeCheck.Trouble([], [Application], System32, Exists(files[..1])), "there is none");
    }

    [TestMethod]
    [DataRow(@"D:\app\onnxruntime.dll", System32)]
    [DataRow(@"C:\WINDOWS\system32\spool\onnxruntime.dll", System32)]
    [DataRow(@"C:\WINDOWS\system32\onnxruntime_providers_shared.dll", System32)]
    [DataRow("/usr/lib/libonnxruntime.so.1.20", null)]
    public void Another_is_none(string path, string? systemFolder)
        => Assert.IsNull(OnnxRuntimeCheck.Trouble([path], [Application], systemFolder, _ => false));

    [TestMethod]
    [DataRow("libtorch_cpu.so", "torch_cpu", true)]
    [DataRow("torch_cpu.dll", "torch_cpu", true)]
    [DataRow("libtorch_cpu.dylib", "torch_cpu", true)]
    [DataRow("libtorch.so", "torch_cpu", false)]
    [DataRow("libLibTorchSharp.so", "LibTorchSharp", true)]
    [DataRow("LibTorchSharp.dll", "LibTorchSharp", true)]
    [DataRow("memfd:LibTorchSharp (deleted)", "LibTorchSharp", true)]
    [DataRow("libe_sqlite3.so", "e_sqlite3", true)]
    [DataRow("libstdc++.so.6.0.30", "stdc++", true)]
    [DataRow("libonnxruntime.so.1.20.1", "onnxruntime", true)]
    [DataRow("onnxruntime_extensions.dll", "onnxruntime", false)]
    public void A_library_is_known_under_every_systems_name(string file, string library, bool expected)
        => Assert.AreEqual(expected, NativeLibraries.IsNamed(file, library));

    private static Func<string, bool> Exists(string[] files) => path => files.Contains(path, StringComparer.OrdinalIgnoreCase);
}
