using System.Security.Cryptography;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>Puts an encoder's files into the ML.NET model that is being saved, one entry each, and keeps a list of them.</summary>
internal sealed class ModelEntrySink(ModelSaveContext context, string folder) : IModelFileSink
{
    private readonly List<EmbeddingModelFile> _files = [];

    /// <summary>What was written so far.</summary>
    public IReadOnlyList<EmbeddingModelFile> Files => _files;

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write) => context.SaveBinaryStream(folder + name, writer =>
    {
        // ML.NET gives a file in its temporary folder here and moves it into the zip later, so it can be read back, and no weight is in memory twice.
        using var entry = new FileSizeLimitStream(writer.BaseStream, leaveOpen: true);
        try
        {
            write(entry);
            entry.Position = 0;                                                                         // with what is buffered written
        }
        catch (IOException error)
        {
            throw new IOException($"The encoder's {name} could not be written: {error.Message}", error);
        }
        _files.Add(new EmbeddingModelFile(name, entry.Length, Convert.ToHexString(SHA256.HashData(entry))));
    });
}
