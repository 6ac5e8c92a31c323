namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>Takes the files of one encoder: a folder, an ML.NET model.</summary>
internal interface IModelFileSink
{
    /// <summary>Writes one file.</summary>
    /// <param name="name">The path below the encoder's root, with '/' between folders.</param>
    /// <param name="write">Writes the content; the stream may be forward-only.</param>
    void Write(string name, Action<Stream> write);
}
