using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Writes a folder so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes <paramref name="folder"/>, which must not exist or be empty.</summary>
    /// <exception cref="IOException">The folder has content, or could not be written; names it, and nothing is left behind.</exception>
    public static void Write(string folder, Action<IModelFileSink> write)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new IOException($"'{target}' already exists and is not an empty folder: choose another name or remove it.");
        BesideTarget.Write(target, "the folder above it is writable and has room", Remove, temporary =>
        {
            Directory.CreateDirectory(temporary);
            write(new FolderFileSink(temporary));
            if (Directory.Exists(target)) Directory.Delete(target);
            FileReplacement.MoveFolder(temporary, target);
        });
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
