namespace Microsoft.ML.SynCse.Tests;

/// <summary>English sentences with their German translations, of the shared folder.</summary>
internal static class ParallelSentences
{
    /// <summary>The pairs of a file.</summary>
    public static (string English, string German)[] Of(string file)
        => [.. File.ReadLines(SharedFolder.Path($"data/parallel/{file}")).Select(line => line.Split('\t')).Select(p => (p[0], p[1]))];
}
