using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Hugging Face's JavaScript tokenizers, in a Node.js process of their own.</summary>
internal static class NodeTokenizers
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    /// <summary>The ids of every text, for each folder; without Node.js or npm the test is inconclusive, with the reason.</summary>
    public static async Task<int[][][]> IdsAsync(
        IEnumerable<string> folders, IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(SharedFolder.RepositoryRoot, "artifacts", "node-tokenizers");
        string source = Path.Combine(SharedFolder.RepositoryRoot, "test", "Microsoft.ML.SynCse.Tests", "Encoding", "Tokenization", "Node");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "@huggingface", "tokenizers")))
        {
            var (code, output, error) =
                await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd"
                : "npm", folder, "", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], cancellationToken);
            if (code != 0) Assert.Inconclusive($"npm could not install the tokenizers: {error}{output}");
        }
        // Texts with halves of surrogate pairs cannot be told to another process; the golden ones have none.
        var (exit, lines, complaint) =
            await RunAsync("node", folder, JsonSerializer.Serialize(texts), ["ids.mjs", .. folders], cancellationToken);
        return exit == 0
            ? [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<int[][]>(line)!)]
            : throw new InvalidOperationException($"the tokenizers of Node.js failed: {complaint}{lines}");
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
