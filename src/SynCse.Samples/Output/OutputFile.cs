using System.Runtime.InteropServices;

namespace SynCse.Samples;

/// <summary>Files that are whole or not there.</summary>
internal static class OutputFile
{
    // Unix ends a process that reaches its file size limit (ulimit -f) on the spot, half a file left behind; handled, the signal becomes an error of the write.
    private const PosixSignal FileSizeLimit = (PosixSignal)25;
    private static readonly ManualResetEventSlim LimitReached = new();
    private static readonly PosixSignalRegistration? Registration =
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileSizeLimit, context =>
        {
            context.Cancel = true;
            LimitReached.Set();
        });

    /// <summary>Fails before the work is done, not after it, where a file cannot be written.</summary>
    public static void EnsureWritable(string path)
    {
        var target = Path.GetFullPath(path);
        if (Directory.Exists(target)) throw new IOException($"'{target}' is a folder; give the name of a file.");
        if (!Directory.Exists(Path.GetDirectoryName(target))) throw new DirectoryNotFoundException($"The folder of '{target}' does not exist; create it first.");
        try
        {
            using var probe = new FileStream(Beside(target), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{target}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Writes beside the target, then renames; whatever goes wrong, nothing half-written stays.</summary>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        GC.KeepAlive(Registration);
        var target = Path.GetFullPath(path);
        var temporary = Beside(target);
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite)) await write(stream);
            File.Move(temporary, target, overwrite: true);
        }
        catch (ArgumentOutOfRangeException error)
            when (error is { ParamName: "value", ActualValue: null } && LimitReached.Wait(TimeSpan.FromSeconds(2)))
        {
            // .NET's word for EFBIG, and anybody's for a bad value: only with the signal, which comes late, was it the limit.
            throw new IOException($"'{target}' could not be written: the process's limit of file sizes is reached (ulimit -f).", error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string Beside(string target) => $"{target}.{Guid.NewGuid():N}.tmp";
}
