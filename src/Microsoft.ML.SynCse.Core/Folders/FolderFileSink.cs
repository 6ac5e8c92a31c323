using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Writes an encoder's files into a folder, durable before each call returns.</summary>
internal sealed class FolderFileSink(string folder) : IModelFileSink
{
    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = new FileSizeLimitStream(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        write(stream);
        stream.FlushToDisk();
    }
}
