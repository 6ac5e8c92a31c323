using System.Reflection;

namespace Microsoft.ML.SynCse;

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
        try
        {
            return catalog.Load(path, out inputSchema);
        }
        catch (Exception error) when (error is TargetInvocationException or InvalidOperationException or FormatException or InvalidDataException or EndOfStreamException)
        {
            var reason = Unwrap(error);
            if (reason is OperationCanceledException) throw;
            string detail = reason.Message + (reason.InnerException is { } inner && reason is FormatException ? $" ({inner.Message})" : "");
            string message = $"The model '{path}' does not load: {detail}";
            throw reason is FormatException or InvalidDataException or EndOfStreamException ? new InvalidDataException(message, error) : new InvalidOperationException(message, error);
        }
    }

    /// <summary>The error that a component threw, from under what ML.NET's loader puts around it.</summary>
    internal static Exception Unwrap(Exception error) => error switch
    {
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        InvalidOperationException { InnerException: TargetInvocationException inner } => Unwrap(inner),
        _ => error,
    };
}
