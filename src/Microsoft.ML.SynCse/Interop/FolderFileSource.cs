namespace Microsoft.ML.SynCse;

/// <summary>An encoder's files in a folder.</summary>
internal sealed class FolderFileSource(string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location { get; } = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        var path = Path.GetFullPath(Path.Combine(Location, name));
        if (!path.StartsWith(Location.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"'{name}' lies outside the folder '{Location}'; a model's files must lie inside it.");
        if (!File.Exists(path)) return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        read(stream);
        return true;
    }
}
