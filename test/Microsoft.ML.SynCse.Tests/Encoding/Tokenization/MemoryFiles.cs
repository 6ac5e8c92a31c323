using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Files that are text in the test.</summary>
internal sealed class MemoryFiles : Dictionary<string, string>, IModelFileSource
{
    public string Location => "memory";

    public bool TryRead(string name, Action<Stream> read)
    {
        if (!TryGetValue(name, out string? text)) return false;
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        read(stream);
        return true;
    }
}
