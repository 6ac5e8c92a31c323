using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>ML.NET models in files, with what ML.NET's own Save and Load leave to be desired: whole files, and errors that name
/// them.</summary>
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

    /// <summary>Reads a model; ML.NET's layers of "Exception has been thrown by the target of an invocation" are taken off an
    /// error.</summary>
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

    // ML.NET unpacks an entry to the disk before it can be looked at.
    private static void CheckClaims(Stream stream, string path)
    {
        foreach (var entry in Entries(stream)) ZipClaims.Check(entry, $"'{ModelFileName.Shown(entry.FullName)}' in '{path}'");
        stream.Position = 0;
    }

    // None if it is no zip; ML.NET then says so.
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

    // ML.NET's own parsers raise many kinds of exception for damaged bytes; all but those named here mean that the file is at
    // fault.
    private static Exception Explain(string path, Exception error, Exception reason)
    {
        if (reason is FileNotFoundException { FileName: { } name } && name.Split(',')[0] is { } assembly
            && assembly.StartsWith("Microsoft.ML.SynCse", StringComparison.Ordinal))
        {
            string package = assembly["Microsoft.ML.".Length..];
            return new InvalidOperationException(
                $"The model '{path}' does not load: it needs the package {package}, and the assembly {assembly} is not there. "
                + $"Add a reference to the package {package}.", error);
        }
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

/// <summary>Passes everything on to another stream and remembers the first error of a write.</summary>
/// <remarks>ML.NET writes a model's table of contents while it disposes the archive, and there swallows every exception: a full disk would
/// leave a file that is no zip, and no error.</remarks>
internal sealed class FaultKeepingStream(Stream inner) : Stream
{
    /// <summary>The first error; null if there was none.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => inner.CanSeek;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override long Position { get => inner.Position; set => inner.Position = value; }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    /// <inheritdoc/>
    public override void SetLength(long value) => Keep(() => inner.SetLength(value));

    /// <inheritdoc/>
    public override void Flush() => Keep(inner.Flush);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Keep(() => inner.Write(buffer, offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception error)
        {
            Fault ??= error;
            throw;
        }
    }

    private void Keep(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error)
        {
            Fault ??= error;
            throw;
        }
    }
}
