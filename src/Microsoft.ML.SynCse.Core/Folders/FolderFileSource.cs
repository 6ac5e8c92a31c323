namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An encoder's files in a folder.</summary>
/// <remarks>
/// Links are followed, also out of the folder: Hugging Face's own cache is a folder of links to a store beside it, and who can make a link can copy a file.
/// A name inside the model's files cannot lead out.
/// </remarks>
internal sealed class FolderFileSource(string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location { get; } = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        ModelFileName.Check(name, Location);
        var path = Path.Combine(Location, name);
        if (!File.Exists(path)) return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        GitLfsPointer.Refuse(stream, this.Describe(name));
        read(stream);
        return true;
    }
}
