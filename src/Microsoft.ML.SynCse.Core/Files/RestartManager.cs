using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>Asks Windows which programs have a file open.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class RestartManager
{
    private const int KeyLength = 33, MostPrograms = 16, MoreThere = 234;

    /// <summary>The programs in words; null where there are none, or the system does not say.</summary>
    public static string? HoldersOf(string path)
    {
        try
        {
            return Ask(path) is { Count: > 0 } programs ? string.Join(", ", programs) : null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static List<string> Ask(string path)
    {
        var programs = new List<string>();
        char* key = stackalloc char[KeyLength];
        if (RmStartSession(out uint session, 0, key) != 0) return programs;
        try
        {
            if (RmRegisterResources(session, 1, [path], 0, 0, 0, 0) != 0) return programs;
            var found = new ProgramInfo[MostPrograms];
            uint count = MostPrograms;
            int result;
            fixed (ProgramInfo* first = found) result = RmGetList(session, out _, ref count, first, out _);
            if (result is not (0 or MoreThere)) return programs;
            foreach (ref readonly var program in found.AsSpan(0, (int)Math.Min(count, MostPrograms))) programs.Add(InWords(program));
            return programs;
        }
        finally
        {
            _ = RmEndSession(session);
        }
    }

    private static string InWords(in ProgramInfo program)
    {
        fixed (char* name = program.Name)
        {
            var own = program.Id == Environment.ProcessId ? ", this one" : "";
            return FormattableString.Invariant($"{new string(name)} (process {program.Id}{own})");
        }
    }

    [LibraryImport("rstrtmgr.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int RmStartSession(out uint session, uint flags, char* key);

    [LibraryImport("rstrtmgr.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int RmRegisterResources(
        uint session, uint files, string[] names, uint applications, nint applicationList, uint services, nint serviceList);

    [LibraryImport("rstrtmgr.dll")]
    private static partial int RmGetList(uint session, out uint needed, ref uint count, ProgramInfo* programs, out uint reasons);

    [LibraryImport("rstrtmgr.dll")]
    private static partial int RmEndSession(uint session);

    // RM_PROCESS_INFO: an id and a start time, two names of fixed length, four numbers.
    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramInfo
    {
        public int Id;
        public uint StartLow, StartHigh;
        public fixed char Name[256];
        public fixed char Service[64];
        public int Kind;
        public uint Status, Session;
        public int Restartable;
    }
}
