using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.ML;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.Encoders;
using Spectre.Console;
using TorchSharp;

namespace SynCse.Samples;

/// <summary>What of the machine works, and what to do where it does not.</summary>
internal static class DoctorCommand
{
    private const int TimedSentences = 256;

    public static Command Create()
    {
        var command = new Command("doctor", "Show whether torch, the encoder and ML.NET work here, on which device and how fast");
        command.SetAction((_, _) => Task.FromResult(Run()));
        return command;
    }

    private static int Run()
    {
        Row(".NET", RuntimeInformation.FrameworkDescription);
        Row("system", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})");
        Row("CPUs", HostCpus.Describe());
        Row("Microsoft.ML", NativeLibraries.VersionOf(typeof(MLContext)));
        Row("TorchSharp", NativeLibraries.VersionOf(typeof(torch)));
        SentenceEncoder encoder;
        try
        {
            encoder = SentenceEncoder.LoadDefault();
        }
        catch (InvalidOperationException error)
        {
            AnsiConsole.MarkupLine("torch          [red]does not load[/]; what to do:");
            Terminal.Error(ErrorText.OneLine(error));
            return 1;
        }
        using (encoder)
        {
            ShowTorch();
            ShowEncoder(encoder);
        }
        ShowNativeLibraries();
        if (OnnxRuntimeCheck.OfThisProcess() is { } trouble)
        {
            Terminal.Error(trouble);
            return 1;
        }
        AnsiConsole.MarkupLine("[green]All of it works.[/]");
        return 0;
    }

    private static void ShowTorch()
    {
        Row("torch", $"{torch.__version__}, loads");
        Row("device", torch.cuda.is_available() ? $"{torch.cuda.device_count()} CUDA GPU(s): --device cuda"
            : "cpu (for a GPU: build with -p:TorchBackend=cuda-linux or cuda-windows)");
        Row("threads", $"{torch.get_num_threads()} (OMP_NUM_THREADS changes it)");
        Row("int8", Int8Support.IsExact ? $"{Int8Support.Name}: ONNX files with 8-bit weights are exact ('export --int8 vnni')"
            : "no VNNI: ONNX files with 8-bit weights are wrong here; use 7-bit weights ('export --int8 avx2')");
    }

    // By now everything that this program computes with is loaded, but for SQLite.
    private static void ShowNativeLibraries()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        var versions = new Dictionary<string, string>
        {
            ["torch_cpu"] = torch.__version__,
            ["LibTorchSharp"] = NativeLibraries.VersionOf(typeof(torch)),
            ["e_sqlite3"] = connection.ServerVersion,
        };
        var loaded = NativeLibraries.Loaded();
        foreach (string? name in new[] { "torch_cpu", "torch_cuda", "c10", "LibTorchSharp", "e_sqlite3", OnnxRuntimeCheck.Library,
            "stdc++" })
        {
            if (NativeLibraries.Find(loaded, name) is { } path)
                Row(name, $"{versions.GetValueOrDefault(name) ?? NativeLibraries.VersionIn(path)}, {NativeLibraries.Shown(path)}");
            else if (versions.TryGetValue(name, out string? version))
                Row(name, $"{version}, loaded; this system does not tell from where");
        }
    }

    private static void ShowEncoder(SentenceEncoder encoder)
    {
        var mlContext = new MLContext();
        var data = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, TimedSentences)
            .Select(i => new TripletRow { Anchor = $"Parcel {i} should have been here on Monday, where is it?" }));
        var model = mlContext.Transforms.ApplySentenceEncoder("Embedding", nameof(TripletRow.Anchor), encoder).Fit(data);
        encoder.Encode(["warm up"]);
        var clock = Stopwatch.StartNew();
        int rows = mlContext.Data.CreateEnumerable<EmbeddedRow>(model.Transform(data), reuseRowObject: false).Count();
        double speed = rows / clock.Elapsed.TotalSeconds;
        Row("encoder", FormattableString.Invariant(
            $"default, {encoder.Dimensions} dimensions, through an ML.NET pipeline: {speed:F0} sentences a second"));
    }

    private static void Row(string name, string value) => AnsiConsole.MarkupLineInterpolated($"{name,-16} {value}");
}
