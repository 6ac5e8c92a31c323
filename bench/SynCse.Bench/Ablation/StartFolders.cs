namespace Microsoft.ML.SynCse.Bench;

/// <summary>The encoders that runs begin from.</summary>
internal static class StartFolders
{
    /// <summary>Loads one: "pruned" (all-MiniLM-L6-v2 cut to its first three layers), or a folder of models by its name.</summary>
    public static SentenceEncoder Load(string shared, string name)
    {
        // Both are trained as they are pooled, without the model's own normalisation behind it, as the reference runs are.
        if (name != "pruned") return SentenceEncoder.Load(Path.Combine(shared, "models", name), new() { Normalize = false });
        var folder = Directory.CreateTempSubdirectory("syncse-pruned-").FullName;
        try
        {
            Copy(Path.Combine(shared, "models", "all-MiniLM-L6-v2"), folder);
            return SentenceEncoder.Load(folder, new() { Normalize = false });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Copy(string source, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));                                        // not a copy: the shared files are read-only
        }
        var config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 3", StringComparison.Ordinal));
    }
}
