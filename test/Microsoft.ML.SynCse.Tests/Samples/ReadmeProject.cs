using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A console project around a program that README prints, removed afterwards.</summary>
internal sealed class ReadmeProject : IDisposable
{
    // inside, so that central versions apply
    private readonly DirectoryInfo _folder =
        Directory.CreateDirectory(Path.Combine(SharedFolder.RepositoryRoot, "artifacts", $"readme-{Path.GetRandomFileName()}"));

    /// <param name="program">Its one file.</param>
    /// <param name="packages">What it references beside the library and the backend: packages, and projects of ours.</param>
    public ReadmeProject(string program, params string[] packages)
    {
        File.WriteAllText(Path.Combine(Folder, "Program.cs"), program);
        File.WriteAllText(Path.Combine(Folder, "Readme.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework>
                <NoWarn>$(NoWarn);CS1591;IDE0005</NoWarn>
              </PropertyGroup>
              <Import Project="../../build/TorchBackend.props" />
              <Import Project="../../src/Microsoft.ML.SynCse/buildTransitive/Microsoft.ML.SynCse.targets" />
              <ItemGroup><ProjectReference Include="../../src/Microsoft.ML.SynCse/Microsoft.ML.SynCse.csproj" /></ItemGroup>
              <ItemGroup>{string.Concat(packages.Select(Reference))}</ItemGroup>
            </Project>
            """);
    }

    public string Folder => _folder.FullName;

    /// <summary>Runs a dotnet command on the project; the library is built already, in this configuration, and in use by this very
    /// run.</summary>
    public async Task<string> DotnetAsync(string command)
    {
        var start = new ProcessStartInfo(
            "dotnet", [command, "-c", Configuration(), "-p:BuildProjectReferences=false"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await output + await error);
        return await output;
    }

    private static string Reference(string name) => name.StartsWith("Microsoft.ML.SynCse", StringComparison.Ordinal)
        ? $"<ProjectReference Include=\"../../src/{name}/{name}.csproj\" />" : $"<PackageReference Include=\"{name}\" />";

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Configuration()
        => AppContext.BaseDirectory.Contains(
        $"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
}
