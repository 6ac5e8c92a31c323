using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>Files that only this user can read: mode 0600, and on Windows an access list of one entry.</summary>
internal static class PrivateFile
{
    /// <summary>Makes the file where it is not there yet; one that is there keeps its content and its rights.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            CreateOnWindows(path);
            return;
        }
        new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }).Dispose();
    }

    /// <summary>Takes a file that another library made beside a private one from the others: on Unix SQLite does so itself, on Windows
    /// no program does.</summary>
    public static void Protect(string path)
    {
        if (OperatingSystem.IsWindows() && File.Exists(path)) new FileInfo(path).SetAccessControl(OwnersAlone());
    }

    /// <summary>The access list in the security descriptor language of Windows: nothing comes from the folder above (P), and one user may
    /// do all there is to do (FA).</summary>
    /// <param name="user">The user's security identifier.</param>
    internal static string AccessListOf(string user) => $"D:P(A;;FA;;;{user})";

    [SupportedOSPlatform("windows")]
    private static void CreateOnWindows(string path)
    {
        if (File.Exists(path)) return;
        const FileSystemRights rights = FileSystemRights.ReadData | FileSystemRights.WriteData;
        const FileShare share = FileShare.ReadWrite | FileShare.Delete;
        new FileInfo(path).Create(FileMode.OpenOrCreate, rights, share, 1, FileOptions.None, OwnersAlone()).Dispose();
    }

    [SupportedOSPlatform("windows")]
    private static FileSecurity OwnersAlone()
    {
        using var user = WindowsIdentity.GetCurrent();
        var security = new FileSecurity();
        security.SetSecurityDescriptorSddlForm(AccessListOf(user.User!.Value), AccessControlSections.Access);
        return security;
    }
}
