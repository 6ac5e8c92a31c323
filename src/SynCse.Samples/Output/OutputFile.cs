using Microsoft.ML.SynCse.Core.Files;

namespace SynCse.Samples;

/// <summary>Files that are whole or not there.</summary>
internal static class OutputFile
{
    /// <summary>Fails before the work is done, not after it, where a file cannot be written.</summary>
    public static void EnsureWritable(string path)
    {
        string target = Path.GetFullPath(path);
        if (Directory.Exists(target)) throw new IOException($"'{target}' is a folder; give the name of a file.");
        if (!Directory.Exists(Path.GetDirectoryName(target))) throw new DirectoryNotFoundException(
            $"The folder of '{target}' does not exist; create it first.");
        try
        {
            string name = $"{target}.{Guid.NewGuid():N}.tmp";
            using var probe = new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{target}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Writes beside the target, then renames. If it fails, no half-written file stays.</summary>
    public static Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken)
        => AtomicFile.WriteAsync(path, write, cancellationToken);
}
