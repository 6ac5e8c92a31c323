namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The files below one folder of another source.</summary>
internal sealed class SubfolderSource(IModelFileSource files, string folder) : IModelFileSource
{
    /// <inheritdoc/>
    public string Location => $"{files.Location}/{folder}";

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read) => files.TryRead($"{folder}/{name}", read);
}
