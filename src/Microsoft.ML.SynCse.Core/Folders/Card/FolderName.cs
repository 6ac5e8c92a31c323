namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>The name that a model's folder gives it.</summary>
internal static class FolderName
{
    private const string HubPrefix = "models--", HubFolder = "snapshots";

    /// <summary>The folder's own name; inside the Hub's cache (models--organisation--name/snapshots/revision) the model's.</summary>
    public static string Of(string path)
    {
        var folder = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return folder.Parent is { Name: HubFolder, Parent: { } model } && model.Name.StartsWith(HubPrefix, StringComparison.Ordinal)
            ? model.Name[HubPrefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : folder.Name;
    }
}
