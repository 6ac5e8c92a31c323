using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What build/ asks NuGet for under each setting; most of these packages are on no machine of ours.</summary>
[TestClass]
public sealed class BackendPackagesTests
{
    private const string Project = "test/Microsoft.ML.SynCse.Tests/Microsoft.ML.SynCse.Tests.csproj";

    [TestMethod]
    [DataRow("", "TorchSharp-cpu")]
    [DataRow("cpu", "TorchSharp-cpu")]
    [DataRow("cuda-windows", "TorchSharp-cuda-windows")]
    [DataRow("cuda-linux", "TorchSharp-cuda-linux")]
    public void TorchBackend_asks_for_one_package_in_TorchSharp_s_version(string backend, string expected)
    {
        var (references, versions) = Packages(Project, backend.Length == 0 ? "" : $"-p:TorchBackend={backend}");
        CollectionAssert.AreEqual(
            new[] { expected }, references.Where(name => name.StartsWith("TorchSharp-", StringComparison.Ordinal)).ToArray());
        Assert.AreEqual(versions["TorchSharp"], versions[expected]);
    }

    [TestMethod]
    public void An_unknown_TorchBackend_is_named_with_those_that_are_known()
    {
        var (exitCode, output) = Evaluate(Project, "-t:_CheckTorchBackend", "-p:TorchBackend=rocm");
        Assert.AreNotEqual(0, exitCode);
        StringAssert.Contains(output, "TorchBackend is 'rocm'; it must be cpu, cuda-windows or cuda-linux.");
    }

    [TestMethod]
    [DataRow("", false)]
    [DataRow("-p:WithMLTorchSharp=true", true)]
    public void Microsoft_ML_TorchSharp_is_asked_for_only_under_its_switch(string setting, bool expected)
    {
        // inside, so that central versions apply
        var folder = Directory.CreateDirectory(Path.Combine(SharedFolder.RepositoryRoot, "artifacts", $"probe-{Path.GetRandomFileName()}"));
        string project = Path.Combine(folder.FullName, "Probe.csproj");
        File.WriteAllText(project, """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <Import Project="../../build/MLTorchSharp.props" />
            </Project>
            """);
        var (references, versions) = Packages(project, setting);
        folder.Delete(recursive: true);
        Assert.AreEqual(expected, references.Contains("Microsoft.ML.TorchSharp"));
        Assert.AreEqual("0.23.1", versions["Microsoft.ML.TorchSharp"]);
    }

    private static (string[] References, Dictionary<string, string> Versions) Packages(string project, string setting)
    {
        var (exitCode, output) = Evaluate(project, "-getItem:PackageReference,PackageVersion", setting);
        Assert.AreEqual(0, exitCode, output);
        using var items = JsonDocument.Parse(output);
        var lists = items.RootElement.GetProperty("Items");
        return ([.. lists.GetProperty("PackageReference").EnumerateArray().Select(Identity)],
            lists.GetProperty("PackageVersion").EnumerateArray().ToDictionary(Identity, item => item.GetProperty("Version").GetString()!));
    }

    private static string Identity(JsonElement item) => item.GetProperty("Identity").GetString()!;

    private static (int ExitCode, string Output) Evaluate(string project, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
            ?? "dotnet", ["msbuild", project, "-nologo", .. arguments.Where(a => a.Length > 0)])
        {
            WorkingDirectory = SharedFolder.RepositoryRoot,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
