using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Files that are bytes in memory.</summary>
internal sealed class ByteFiles(IEnumerable<KeyValuePair<string, byte[]>> files) : Dictionary<string, byte[]>(files), IModelFileSource
{
    public string Location => "memory";

    public bool TryRead(string name, Action<Stream> read)
    {
        if (!TryGetValue(name, out byte[]? bytes)) return false;
        using var stream = new MemoryStream(bytes);
        read(stream);
        return true;
    }
}
