using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Microsoft.ML.SynCse.Native;

/// <summary>Loads a library that exists only in memory (Linux).</summary>
/// <remarks>
/// It uses an anonymous memory file, which needs neither root nor a writable folder. If the system does not allow one (a seccomp filter, no
/// /proc), it uses a file in a private temporary folder, which is deleted after loading. The libraries that the image needs must be loaded
/// before, because it has no folder in which the loader could find them.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static partial class MemoryImage
{
    private const uint CloseOnExec = 1, NoExecSeal = 8;
    private const int InvalidArgument = 22;

    /// <summary>Loads the image, or returns 0; <paramref name="words"/> say from where, or what failed.</summary>
    public static nint Load(byte[] image, string name, out string words)
    {
        nint handle = LoadFromMemoryFile(image, name, out string? troubles);
        if (handle != 0)
        {
            words = "from memory";
            return handle;
        }
        foreach (string? folder in new[] { Path.GetTempPath(), "/dev/shm" }.Where(Directory.Exists))
        {
            handle = LoadFromTemporaryFile(image, name, folder, out string? trouble);
            if (handle != 0)
            {
                words = $"from a file in {folder} that is gone again ({troubles})";
                return handle;
            }
            troubles += $"; {trouble}";
        }
        words = troubles;
        return 0;
    }

    internal static nint LoadFromMemoryFile(byte[] image, string name, out string trouble)
    {
        trouble = "";
        // vm.memfd_noexec=2 admits only sealed files; the seal forbids execve, not mapping. Kernels before 6.3 do not know the flag.
        int descriptor = MemfdCreate(name, CloseOnExec | NoExecSeal);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == InvalidArgument) descriptor = MemfdCreate(name, CloseOnExec);
        if (descriptor < 0)
        {
            trouble = $"no memory file (memfd_create: {Marshal.GetLastPInvokeErrorMessage()})";
            return 0;
        }
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(file, image, 0);
            // The loader takes a path it has seen for the library it loaded from there. So the path is not the one that others use for
            // their own descriptors ("./"), and the descriptor of a loaded library stays open for good: its number is never used again.
            nint handle = NativeLibrary.Load($"/proc/self/fd/./{descriptor}");
            file.SetHandleAsInvalid();
            return handle;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or IOException)
        {
            trouble = $"not loaded from a memory file ({NativeLoadDiagnostics.LoaderWords(error)})";
            return 0;
        }
        finally
        {
            file.Dispose();
        }
    }

    internal static nint LoadFromTemporaryFile(byte[] image, string name, string parent, out string trouble)
    {
        trouble = "";
        string folder = Path.Combine(parent, $"syncse-{Path.GetRandomFileName()}");
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            string path = Path.Combine(folder, $"lib{name}.so");
            const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Own };
            using (var file = new FileStream(path, options)) file.Write(image);
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error
            is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            trouble = $"not loaded from a file in {parent} ({NativeLoadDiagnostics.LoaderWords(error)})";
            return 0;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); // what is mapped stays mapped
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);
}
