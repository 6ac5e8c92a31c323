using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Ctrl-C for another process.</summary>
internal static class ProcessInterrupt
{
    private const int Interrupt = 2;

    /// <summary>Sends SIGINT; SIGTERM where the process was started with SIGINT ignored, as a shell's background jobs are.</summary>
    public static async Task SendAsync(Process process)
    {
        using var kill =
            Process.Start("kill",
            ["-s", Ignores(process.Id, Interrupt) ? "TERM" : "INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static bool Ignores(int process, int signal)
    {
        const string Field = "SigIgn:";
        string status = $"/proc/{process}/status";
        if (!File.Exists(status)) return false;
        string mask = File.ReadLines(status).Single(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..].Trim();
        return (ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;
    }
}
