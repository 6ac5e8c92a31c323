using System.Diagnostics;
using System.Text;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A script with npm packages, in a Node.js process of its own.</summary>
internal static class NodeProgram
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(4);

    /// <summary>What a script printed, line by line; without Node.js or npm the test is inconclusive, with the reason.</summary>
    /// <param name="source">The folder of the script and its package.json, below the tests' project.</param>
    /// <param name="package">The package that must be there.</param>
    /// <param name="script">The script.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the process.</param>
    public static async Task<string[]> LinesAsync(
        string source, string package, string script, string input, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string from = Path.Combine(SharedFolder.RepositoryRoot, "test", "Microsoft.ML.SynCse.Tests", source);
        string folder = Path.Combine(SharedFolder.RepositoryRoot, "artifacts", "node", package.Replace('/', '-'));
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", package)))
        {
            string npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
            var (code, output, error) = await RunAsync(
                npm, folder, "", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], cancellationToken);
            if (code != 0) Assert.Inconclusive($"npm could not install {package}: {error}{output}");
        }
        var (exit, lines, complaint) = await RunAsync("node", folder, input, [script, .. arguments], cancellationToken);
        return exit == 0 ? lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"{script} failed in Node.js: {complaint}{lines}");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, string folder, string input, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using var process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Assert.Inconclusive($"needs {start.FileName}, which is not on this machine: {error.Message}");
            throw;
        }
    }
}
