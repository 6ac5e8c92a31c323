namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>An encoder's files among the assembly's resources, named folder/file.</summary>
internal sealed class EmbeddedFileSource(string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location => $"the package's {folder}";

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        using var stream = typeof(EmbeddedFileSource).Assembly.GetManifestResourceStream($"{folder}/{name}");
        if (stream is null) return false;
        read(stream);
        return true;
    }
}
