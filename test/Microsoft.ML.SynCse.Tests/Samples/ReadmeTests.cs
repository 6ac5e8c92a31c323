using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What README prints is what works.</summary>
[TestClass]
public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "README.md"));

    [TestMethod]
    public async Task The_complete_program_compiles_and_runs()
    {
        var folder = Directory.CreateDirectory(Path.Combine(SharedFolder.RepositoryRoot, "artifacts", $"readme-{Path.GetRandomFileName()}")); // inside, so that central versions apply
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "Program.cs"), Program().Match(Text).Groups[1].Value);
            File.WriteAllText(Path.Combine(folder.FullName, "Readme.csproj"), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><NoWarn>$(NoWarn);CS1591</NoWarn></PropertyGroup>
                  <Import Project="../../build/TorchBackend.props" />
                  <Import Project="../../src/Microsoft.ML.SynCse/buildTransitive/Microsoft.ML.SynCse.targets" />
                  <ItemGroup><ProjectReference Include="../../src/Microsoft.ML.SynCse/Microsoft.ML.SynCse.csproj" /></ItemGroup>
                </Project>
                """);
            // The library is built already, in this configuration, and in use by this very run.
            var output = await DotnetAsync(folder.FullName, "run", "-c", Configuration(), "-p:BuildProjectReferences=false");
            StringAssert.Contains(output, "step 0: score on held-out rows");
            StringAssert.Contains(output, "My parcel has not come.");
            Assert.IsTrue(File.Exists(Path.Combine(folder.FullName, "model.zip")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Every_file_that_it_names_is_there()
    {
        foreach (Match match in RepositoryFile().Matches(Text))
            Assert.IsTrue(Path.Exists(Path.Combine(SharedFolder.RepositoryRoot, match.Groups[1].Value)), match.Value);
    }

    private static string Configuration() => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private static async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await output + await error);
        return await output;
    }

    [GeneratedRegex("```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();

    [GeneratedRegex("`((?:src|build|test|bench)/[^` ]+|\\.ci/run)`")]
    private static partial Regex RepositoryFile();
}
