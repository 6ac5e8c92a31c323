using System.Diagnostics;

namespace SynCse.Samples;

/// <summary>This program a second time, in a process of its own that shares nothing but the console.</summary>
internal static class OwnProcess
{
    /// <summary>Runs it and returns its exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string program = Environment.ProcessPath
            ?? throw new InvalidOperationException("The system does not say which program this process runs.");
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        // `dotnet syncse-samples.dll` runs the host, not this program.
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)) start.ArgumentList.Add(
            typeof(OwnProcess).Assembly.Location);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        return process.ExitCode;
    }
}
