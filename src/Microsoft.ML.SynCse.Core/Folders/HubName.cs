namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Names of models on the Hugging Face Hub, which other libraries take where ours take a folder.</summary>
internal static class HubName
{
    private const int Longest = 96;

    /// <summary>Whether a path may be meant as such a name: "owner/model", or a model alone.</summary>
    public static bool IsLike(string path)
    {
        var parts = path.Split('/');
        return parts.Length <= 2 && path.Length <= Longest && !path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)
            && parts.All(part => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && part.All(IsAllowed));
    }

    /// <summary>What to say where there is no such folder; "" where the path is no such name.</summary>
    public static string Advice(string path) => !IsLike(path) ? "" :
        $" '{path}' looks like the name of a model on the Hugging Face Hub, and only a folder or zip on this machine can be "
        + "loaded: download it first, for example with "
        + $"'hf download {path} --local-dir {FolderOf(path)}', and load the folder '{FolderOf(path)}'.";

    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.';

    private static string FolderOf(string path) => path[(path.IndexOf('/') + 1)..];
}
