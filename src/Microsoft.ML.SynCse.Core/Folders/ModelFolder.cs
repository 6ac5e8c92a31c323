using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An encoder's files in a folder.</summary>
/// <remarks>
/// Links are followed, also out of the folder: Hugging Face's own cache is a folder of links to a store beside it, and who can make a link
/// can copy a file. A name inside the model's files cannot lead out.
/// </remarks>
internal sealed class FolderFileSource(string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location { get; } = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        ModelFileName.Check(name, Location);
        string path = Path.Combine(Location, name);
        if (!File.Exists(path)) return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        GitLfsPointer.Refuse(stream, this.Describe(name));
        read(stream);
        return true;
    }
}

/// <summary>Writes an encoder's files into a folder, durable before each call returns.</summary>
internal sealed class FolderFileSink(string folder) : IModelFileSink
{
    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = new FileSizeLimitStream(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        write(stream);
        stream.FlushToDisk();
    }
}

/// <summary>Writes a folder so that its name never stands for half of it: beside the target first, then renamed.</summary>
internal static class AtomicFolder
{
    /// <summary>Writes <paramref name="folder"/>, which must not exist or be empty.</summary>
    /// <exception cref="IOException">The folder has content, or could not be written; names it, and nothing is left behind.</exception>
    public static void Write(string folder, Action<IModelFileSink> write)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new IOException($"'{target}' already exists and is not an empty folder: choose another name or remove it.");
        TempFileSwap.Write(target, "the folder above it is writable and has room", Remove, temporary =>
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

/// <summary>The small text that Git has in the place of a large file until Git LFS fetches it.</summary>
internal static class GitLfsPointer
{
    // The format says that a pointer is shorter than this.
    private const int Longest = 1024;

    /// <summary>Throws where a file is only the pointer to one; else leaves the stream at its start.</summary>
    /// <param name="stream">The file, at its start; one that can seek.</param>
    /// <param name="file">The file for the message.</param>
    /// <exception cref="InvalidDataException">It is a pointer; says how to get the file.</exception>
    public static void Refuse(Stream stream, string file)
    {
        if (stream.Length >= Longest) return;
        Span<byte> start = stackalloc byte[64];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        if (start.StartsWith("version https://git-lfs.github.com/spec/"u8) || start.StartsWith("version https://hawser.github.com/spec/"u8))
        {
            throw new InvalidDataException(
                $"{file} is a Git LFS pointer of {stream.Length} bytes and not the file itself, as the model was "
                + "cloned without Git LFS: run 'git lfs install' and 'git lfs pull' in the folder, or download the file.");
        }
    }
}

/// <summary>Names of models on the Hugging Face Hub, which other libraries take where ours take a folder.</summary>
internal static class HubName
{
    private const int Longest = 96;

    /// <summary>Whether a path may be meant as such a name: "owner/model", or a model alone.</summary>
    public static bool IsLike(string path)
    {
        string[] parts = path.Split('/');
        return parts.Length <= 2 && path.Length <= Longest && !path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)
            && parts.All(part => part.Length > 0 && char.IsAsciiLetterOrDigit(part[0]) && part.All(IsAllowed));
    }

    /// <summary>Advice for the error that a folder is missing; "" if the path cannot be the name of a model.</summary>
    public static string Advice(string path) => !IsLike(path) ? "" :
        $" '{path}' looks like the name of a model on the Hugging Face Hub, and only a folder or zip on this machine can be "
        + "loaded: download it first, for example with "
        + $"'hf download {path} --local-dir {FolderOf(path)}', and load the folder '{FolderOf(path)}'.";

    private static bool IsAllowed(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.';

    private static string FolderOf(string path) => path[(path.IndexOf('/') + 1)..];
}

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
