using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Some of another source's files.</summary>
internal sealed class SelectedFiles(IModelFileSource source, IReadOnlyCollection<string> names) : IModelFileSource
{
    public string Location => source.Location;

    public bool TryRead(string name, Action<Stream> read) => names.Contains(name) && source.TryRead(name, read);
}
