namespace Microsoft.ML.SynCse.Tests;

/// <summary>A folder of its own for one test, removed afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private int _count;

    public string Root { get; } = Directory.CreateTempSubdirectory("syncse-test-").FullName;

    /// <summary>A path below the folder that does not exist yet.</summary>
    public string New(string name) => Path.Combine(Root, $"{++_count}-{name}");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
