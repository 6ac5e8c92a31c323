namespace Microsoft.ML.SynCse.Tests;

/// <summary>The folder of goldens that a bare clone brings (test/Goldens), or the one that the environment variable SYNCSE_GOLDEN
/// names.</summary>
/// <remarks>What lies there is found by listing, never by name, so that goldens of other seeds and sizes can be run as they are.</remarks>
internal static class GoldenRoot
{
    public const string Category = "Golden";
    private const string Variable = "SYNCSE_GOLDEN";

    public static string Folder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
        ? Path.GetFullPath(folder) : Path.Combine(SharedFolder.RepositoryRoot, "test", "Goldens");

    /// <summary>The names of the folders of one kind, such as "architectures"; empty where the root has none.</summary>
    public static string[] Names(string kind)
    {
        if (!Directory.Exists(Folder)) throw new DirectoryNotFoundException(
            $"There is no folder of goldens '{Folder}'; set {Variable} to one, or unset it.");
        string parent = Path.Combine(Folder, kind);
        return Directory.Exists(parent)
            ? [.. Directory.EnumerateDirectories(parent).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Rows for a test of every folder of a kind; one row with an empty name where there is none, since a test without rows
    /// fails.</summary>
    public static IEnumerable<object[]> Rows(string kind) => Names(kind).DefaultIfEmpty("").Select(name => new object[] { name });

    /// <summary>The path of a folder; the test is inconclusive where the root has none of its kind.</summary>
    public static string Find(string kind, string name)
    {
        string path = Path.Combine(Folder, kind, name);
        if (name.Length == 0 || !Directory.Exists(path)) Assert.Inconclusive(
            $"'{Folder}' has no {kind}{(name.Length == 0 ? "" : $"/{name}")}");
        return path;
    }
}
