namespace Microsoft.ML.SynCse.Bench;

/// <summary>The encoders that runs begin from.</summary>
internal static class StartFolders
{
    /// <summary>Loads one: "pruned" (all-MiniLM-L6-v2 cut to its first three layers), or a folder of models by its name.</summary>
    public static SentenceEncoder Load(SharedData shared, string name)
    {
        // Both are trained as they are pooled, without the model's own normalisation behind it, as the reference runs are.
        if (name != "pruned") return SentenceEncoder.Load(shared.Model(name), new() { Normalize = false });
        string folder = Directory.CreateTempSubdirectory("syncse-pruned-").FullName;
        try
        {
            PrunedFolder.Write(shared.Model("all-MiniLM-L6-v2"), folder);
            return SentenceEncoder.Load(folder, new() { Normalize = false });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
