using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The samples' program, run as a user runs it: in a process of its own.</summary>
internal sealed record SampleProcess(int Id, int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    // From its own output folder, of the same configuration: beside the tests it lacks what they take from ASP.NET Core's shared framework.
    private static readonly string _program = Path.Combine(SharedFolder.RepositoryRoot, "src", "SynCse.Samples",
        Path.GetRelativePath(Path.Combine(SharedFolder.RepositoryRoot, "test", "Microsoft.ML.SynCse.Tests"), AppContext.BaseDirectory),
        OperatingSystem.IsWindows() ? "syncse-samples.exe" : "syncse-samples");

    /// <summary>The lines of standard error.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Runs the program to its end.</summary>
    public static Task<SampleProcess> RunAsync(TemporaryFolder folder, string? input, params string[] arguments)
        => RunInAsync(folder, new SampleSurroundings { Input = input }, arguments);

    /// <summary>Runs the program to its end in surroundings of its own.</summary>
    public static async Task<SampleProcess> RunInAsync(TemporaryFolder folder, SampleSurroundings surroundings, params string[] arguments)
    {
        var (file, line) = surroundings.Shell is { } shell ? ("/bin/sh", ["-c", shell, _program, .. arguments]) : (_program, arguments);
        var start = new ProcessStartInfo(file, line)
        {
            WorkingDirectory = folder.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in surroundings.Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(surroundings.Input);
            process.StandardInput.Close();
            if (surroundings.Meanwhile is { } meanwhile) await meanwhile(process);
            await process.WaitForExitAsync(limit.Token);
            return new(process.Id, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', arguments)}' did not end within {_limit}.");
        }
    }

    /// <summary>Runs it, and fails the test where it does not succeed.</summary>
    public static async Task<SampleProcess> SucceedAsync(TemporaryFolder folder, params string[] arguments)
    {
        var run = await RunAsync(folder, null, arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error + run.Output);
        return run;
    }
}
