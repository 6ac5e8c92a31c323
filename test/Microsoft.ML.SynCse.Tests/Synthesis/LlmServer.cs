using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// The real small language model of the shared folder behind its OpenAI-compatible server, in a Node.js process of its own.
/// </summary>
internal sealed class LlmServer : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private LlmServer(Process process, Uri endpoint) => (_process, Endpoint) = (process, endpoint);

    /// <summary>The base address that a client takes, with "/v1".</summary>
    public Uri Endpoint { get; }

    /// <summary>
    /// Installs the server below artifacts, if it is not there, and starts it; without Node.js or the shared folder the test is
    /// inconclusive, with the reason.
    /// </summary>
    public static async Task<LlmServer> StartAsync()
    {
        string source = SharedFolder.Path("tools/llm-server");
        string model = Directory.GetFiles(SharedFolder.Path("models/SmolLM2-135M-Instruct"), "*.gguf").Single();
        string folder = Path.Combine(SharedFolder.RepositoryRoot, "artifacts", "llm-server");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(source))
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "node-llama-cpp"))) await InstallAsync(folder);
        // The server prints the port that it was told, so a free one is chosen here.
        var process = Start("node", folder, "server.mjs", "--model", model, "--port", FreePort(), "--parallel", "2");
        using var limit = new CancellationTokenSource(_limit);
        string? line = await process.StandardOutput.ReadLineAsync(limit.Token);
        if (line?.StartsWith("listening on ", StringComparison.Ordinal) == true)
            return new(process, new Uri(line["listening on ".Length..]));
        string error = await process.StandardError.ReadToEndAsync(limit.Token);
        throw new InvalidOperationException($"the language model's server did not start: {line} {error}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task InstallAsync(string folder)
    {
        using var npm = Start(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", folder, "install", "--omit=optional", "--ignore-scripts",
            "--no-audit", "--no-fund");
        using var limit = new CancellationTokenSource(_limit);
        var (output, error) = (npm.StandardOutput.ReadToEndAsync(limit.Token), npm.StandardError.ReadToEndAsync(limit.Token));
        await npm.WaitForExitAsync(limit.Token);
        if (npm.ExitCode != 0) Assert.Inconclusive($"npm could not install the language model's server: {await error}{await output}");
    }

    private static Process Start(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            Assert.Inconclusive($"needs {program}, which is not on this machine: {error.Message}");
            throw;
        }
    }
}
