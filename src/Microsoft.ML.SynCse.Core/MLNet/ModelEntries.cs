using System.Security.Cryptography;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>One file of a saved encoder, and how it is known to be whole: a zip's own checksum is not looked at when an entry is read.</summary>
/// <param name="Name">The path below the encoder's folder, with '/' between folders.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of the content, as upper-case hexadecimal digits.</param>
internal sealed record EmbeddingModelFile(string Name, long Length, string Sha256);

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

/// <summary>The encoder's files inside an ML.NET model that is being loaded; each is checked to be whole before anyone reads it.</summary>
internal sealed class ModelEntrySource : IModelFileSource
{
    private readonly ModelLoadContext _context;
    private readonly string _folder;
    private readonly Dictionary<string, EmbeddingModelFile> _files;

    /// <param name="context">The model; its folder holds <paramref name="folder"/>.</param>
    /// <param name="folder">The encoder's folder, ending in '/'.</param>
    /// <param name="files">What was written there.</param>
    /// <exception cref="InvalidDataException">The list is damaged, or a name leads out of the folder.</exception>
    public ModelEntrySource(ModelLoadContext context, string folder, IReadOnlyList<EmbeddingModelFile> files)
    {
        (_context, _folder) = (context, folder);
        _files = new(StringComparer.Ordinal);
        // JSON may say null where C# does not.
        foreach (var file in files ?? throw DamagedList())
        {
            if (file?.Name is null || file.Sha256 is null || !_files.TryAdd(file.Name, file)) throw DamagedList();
            CheckInside(file.Name);
        }
    }

    /// <inheritdoc/>
    public string Location => $"{_context.Directory}/{_folder}".Replace('\\', '/').TrimEnd('/');

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The name leads out of the encoder's folder, or the file is missing or damaged.</exception>
    public bool TryRead(string name, Action<Stream> read)
    {
        CheckInside(name);
        if (!_files.TryGetValue(name, out var file)) return false;
        bool opened = false, found;
        try
        {
            found = _context.TryLoadBinaryStream(_folder + name, reader =>
            {
                opened = true;
                // ML.NET unpacks an entry into its temporary folder first, so it can be read twice.
                if (!IsWhole(file, reader.BaseStream)) throw Damaged(name, null);
                reader.BaseStream.Position = 0;
                read(reader.BaseStream);
            });
        }
        catch (InvalidDataException error) when (!opened)
        {
            throw Damaged(name, error);
        }
        return found ? true : throw new InvalidDataException($"The file '{Location}/{name}' is missing in the model. Copy or save the model again.");
    }

    private InvalidDataException DamagedList() => new($"The list of the encoder's files in '{Location}' of the model is damaged. Copy or save the model again.");

    private static bool IsWhole(EmbeddingModelFile file, Stream content)
        => content.Length == file.Length && Convert.ToHexString(SHA256.HashData(content)) == file.Sha256;

    private InvalidDataException Damaged(string name, Exception? inner)
        => new($"The file '{Location}/{name}' in the model is damaged: it is not the one that was saved. Copy or save the model again.", inner);

    private void CheckInside(string name)
    {
        if (!ModelFileName.IsInside(name)) throw new InvalidDataException($"The model names a file '{ModelFileName.Shown(name)}' outside the folder '{Location}' of its encoder, so it was changed after it was saved, and is not loaded.");
    }
}
