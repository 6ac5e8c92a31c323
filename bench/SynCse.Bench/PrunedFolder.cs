namespace Microsoft.ML.SynCse.Bench;

/// <summary>all-MiniLM-L6-v2 cut to its first three layers, the start of the reference runs; the tests make theirs with it too.</summary>
internal static class PrunedFolder
{
    /// <summary>Writes it.</summary>
    /// <param name="source">The folder of all-MiniLM-L6-v2.</param>
    /// <param name="folder">Where it goes.</param>
    public static void Write(string source, string folder)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            // not a copy: the shared files are read-only
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(
            config, File.ReadAllText(config).Replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 3", StringComparison.Ordinal));
    }
}
