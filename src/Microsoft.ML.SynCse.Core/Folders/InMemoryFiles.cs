namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An encoder's files in memory.</summary>
/// <param name="location">Where they come from, for messages.</param>
internal sealed class InMemoryFiles(string location) : IModelFileSource, IModelFileSink
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>A copy of some files of another source.</summary>
    public static InMemoryFiles Copy(IModelFileSource files, IEnumerable<string> names)
    {
        var copy = new InMemoryFiles(files.Location);
        foreach (string name in names) files.TryRead(name, stream => copy.Write(name, stream.CopyTo));
        return copy;
    }

    /// <inheritdoc/>
    public string Location => location;

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        if (!_files.TryGetValue(name, out byte[]? bytes)) return false;
        using var stream = new MemoryStream(bytes, writable: false);
        read(stream);
        return true;
    }

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        _files[name] = stream.ToArray();
    }
}
