using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Lines of text to vectors in a file. Holds a few thousand lines at a time, however many there are.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "A zip of ours, an encoder's folder, or 'default'",
            DefaultValueFactory = _ => StartEncoder.Default
        };
        var input = new Option<string>("--input")
        {
            Description = "A text file, one sentence a line; '-': standard input",
            Required = true
        };
        var output = new Option<string>("--output")
        {
            Description = "Ends in .npy (float32, lines x dimensions) or .csv (a line for a "
            + "line, no header)",
            Required = true
        };
        var prompt = new Option<string?>("--prompt") { Description = "The prompt of the lines by name (default: the model's default)" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:N" };
        var encoding = InputEncoding.NewOption();
        var command = new Command("encode", "Encode a file's lines; row i of the output is line i, empty lines included")
        { model, input, output, prompt, device, encoding };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(input)!, parsed.GetValue(output)!, parsed.GetValue(prompt),
            (parsed.GetValue(device), parsed.GetValue(encoding)), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string model, string input, string output, string? prompt,
        (string? Device, Encoding? Encoding) how, CancellationToken cancellationToken)
    {
        bool isNpy = Path.GetExtension(output).ToLowerInvariant() switch
        {
            ".npy" => true,
            ".csv" => false,
            var other => throw new ArgumentException($"--output '{output}' ends in '{other}'; it must end in .npy or .csv."),
        };
        OutputFile.EnsureWritable(output);
        var lines = TextLines.ReadAsync(input, how.Encoding, cancellationToken);
        using var encoder = StartEncoder.Load(model, new SentenceEncoderOptions { Device = how.Device });
        var clock = Stopwatch.StartNew();
        long rows = 0;
        await AnsiConsole.Status().StartAsync("Encoding", status => OutputFile.WriteAsync(output, async stream =>
        {
            IVectorWriter writer = isNpy ? new NpyWriter(stream, encoder.Dimensions) : new CsvVectorWriter(stream);
            await foreach (float[] vector in encoder.EncodeStreamingAsync(
                lines, new EncodingOptions { PromptName = prompt }, cancellationToken))
            {
                writer.Write(vector);
                if (++rows % 1000 == 0) status.Status =
                    FormattableString.Invariant($"{rows} lines, {rows / clock.Elapsed.TotalSeconds:F0} a second");
            }
            writer.Finish();
        }, cancellationToken));
        double speed = rows / clock.Elapsed.TotalSeconds;
        AnsiConsole.MarkupLineInterpolated(
            $"{rows} vectors of {encoder.Dimensions} numbers in {Path.GetFullPath(output)} ({speed:F0} lines a second)");
        return 0;
    }
}
