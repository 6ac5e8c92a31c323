using System.Reflection;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The folder of models, golden values and data beside the checkout; tests that use it carry the category Shared.</summary>
internal static class SharedFolder
{
    public const string Category = "Shared";

    public static string RepositoryRoot { get; } = typeof(SharedFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The full path of something in the folder; without it the test is inconclusive, with the reason.</summary>
    public static string Path(string relative)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot, "..", "shared", relative));
        if (!File.Exists(path) && !Directory.Exists(path)) Assert.Inconclusive($"needs {path}, which is not on this machine");
        return path;
    }
}
