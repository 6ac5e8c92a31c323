using System.Reflection;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The folder of models, golden values and data beside the checkout; tests that use it carry the category Shared.</summary>
internal static class SharedFolder
{
    public const string Category = "Shared";

    /// <summary>The environment variable that is 1 where the folder must be there, as .ci/run sets it where there is one.</summary>
    public const string RequiredVariable = "SYNCSE_SHARED_REQUIRED";

    public static string RepositoryRoot { get; } = typeof(SharedFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The full path of something in the folder; without it the test is inconclusive, or fails where the folder must be there,
    /// with the reason.</summary>
    public static string Path(string relative) =>
        Find(System.IO.Path.Combine(RepositoryRoot, "..", "shared"), relative, Environment.GetEnvironmentVariable(RequiredVariable) == "1");

    /// <summary>The same in any folder.</summary>
    public static string Find(string folder, string relative, bool required)
    {
        string path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, relative));
        if (File.Exists(path) || Directory.Exists(path)) return path;
        if (required) Assert.Fail($"{RequiredVariable} is 1, and {path} is not there");
        Assert.Inconclusive($"needs {path}, which is not on this machine");
        return path;
    }
}
