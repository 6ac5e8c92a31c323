using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>ML.NET models in files, with what ML.NET's own Save and Load leave to be desired: whole files, and errors that name them.</summary>
internal static class ModelFile
{
    /// <summary>Writes beside the target, then renames.</summary>
    public static void Save(ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string path)
    {
        AtomicFile.Write(path, stream =>
        {
            var keeping = new FaultKeepingStream(stream);
            catalog.Save(model, inputSchema, keeping);
            if (keeping.Fault is { } fault) throw new IOException(fault.Message, fault);
        });
    }

    /// <summary>Reads a model; ML.NET's layers of "Exception has been thrown by the target of an invocation" are taken off an error.</summary>
    public static ITransformer Load(ModelOperationsCatalog catalog, string path, out DataViewSchema? inputSchema)
    {
        using var stream = File.OpenRead(path);
        GitLfsPointer.Refuse(stream, $"'{path}'");
        try
        {
            CheckClaims(stream, path);
            return catalog.Load(stream, out inputSchema);
        }
        catch (Exception error) when (Unwrap(error) is not (OperationCanceledException or OutOfMemoryException))
        {
            throw Explain(path, error, Unwrap(error));
        }
    }

    /// <summary>The error that a component threw, from under what ML.NET's loader puts around it.</summary>
    internal static Exception Unwrap(Exception error) => error switch
    {
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        InvalidOperationException { InnerException: TargetInvocationException inner } => Unwrap(inner),
        _ => error,
    };

    // ML.NET unpacks an entry to the disk before anybody can look at it.
    private static void CheckClaims(Stream stream, string path)
    {
        foreach (var entry in Entries(stream)) ZipClaims.Check(entry, $"'{ModelFileName.Shown(entry.FullName)}' in '{path}'");
        stream.Position = 0;
    }

    // None where there is no zip; ML.NET says so in a moment.
    private static IReadOnlyCollection<ZipArchiveEntry> Entries(Stream stream)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return zip.Entries;
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    // ML.NET's own parsers meet damaged bytes with whatever exception they run into; all but those named here say that the file is at fault.
    private static Exception Explain(string path, Exception error, Exception reason)
    {
        string cause = reason is FormatException { InnerException: { } inner } ? $" ({inner.Message})" : "";
        string message = $"The model '{path}' does not load: {reason.Message}{cause}";
        return reason switch
        {
            InvalidOperationException or NotSupportedException or FileNotFoundException => new InvalidOperationException(message, error),
            IOException and not EndOfStreamException => new IOException(message, error),
            _ => new InvalidDataException(message, error),
        };
    }
}
