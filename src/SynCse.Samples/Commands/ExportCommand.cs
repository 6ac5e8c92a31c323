using System.CommandLine;
using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A model of ours becomes a sentence-transformers folder with a model card, and an ONNX file if it is asked for.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A zip of ours, an encoder's folder, or 'default'", Required = true };
        var output = new Option<string>("--output") { Description = "The folder to write; it must not exist or be empty", Required = true };
        var name = new Option<string?>("--name") { Description = "The card's title" };
        var license = new Option<string?>("--license") { Description = "The Hugging Face Hub's identifier, such as mit or apache-2.0" };
        var languages = new Option<string[]>("--language") { Description = "An ISO 639 code, such as en; may be given several times" };
        var baseModel = new Option<string?>("--base-model") { Description = "What it was tuned from, where the model does not know it" };
        var notes = new Option<string[]>("--note") { Description = "A sentence for the card; may be given several times" };
        var onnx = new Option<bool>("--onnx") { Description = "Write onnx/model.onnx too, for ONNX Runtime" };
        var int8 = new Option<Int8Weights?>("--int8")
        {
            Description = "Write an ONNX file in int8 too. vnni: 8-bit weights, for processors with VNNI ('doctor' says so) and Arm; "
                + "avx2 (the default): 7-bit weights, for every processor",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var verify = new Option<string?>("--verify")
        {
            Description = "Compare the ONNX file with the model: a text file, one sentence a line; or a CSV or TSV of scored pairs",
        };
        var encoding = InputEncoding.NewOption();
        var command = new Command(
            "export", "Write a sentence-transformers folder: for Python, for the Hugging Face Hub, for SentenceEncoder.Load, for ONNX "
                + "Runtime")
        { model, output, name, license, languages, baseModel, notes, onnx, int8, verify, encoding };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(output)!, new ModelCard
            {
                Name = parsed.GetValue(name),
                License = parsed.GetValue(license),
                Languages = parsed.GetValue(languages) is { Length: > 0 } codes ? codes : null,
                BaseModel = parsed.GetValue(baseModel),
                Notes = parsed.GetValue(notes) is { Length: > 0 } texts ? texts : null,
            },
            [.. Formats(parsed.GetValue(onnx), parsed.GetResult(int8) is null ? null : parsed.GetValue(int8) ?? Int8Weights.Avx2)],
                parsed.GetValue(verify), parsed.GetValue(encoding),
                cancellationToken));
        return command;
    }

    private static IEnumerable<OnnxExportOptions> Formats(bool onnx, Int8Weights? int8)
    {
        if (onnx) yield return new();
        if (int8 is { } weights)
        {
            yield return new()
            {
                Quantization = weights == Int8Weights.Vnni ? OnnxQuantization.Int8 : OnnxQuantization.Int8ReducedRange,
            };
        }
    }

    private static async Task<int> RunAsync(
        string model, string output, ModelCard card, OnnxExportOptions[] formats, string? verify, Encoding? encoding,
        CancellationToken cancellationToken)
    {
        if (verify is not null && formats.Length == 0)
            throw new ArgumentException("--verify compares an ONNX file with the model: give --onnx or --int8 too.");
        // Read before anything is written, so that a wrong name costs nothing.
        var check = verify is null ? null : await OnnxVerification.ReadAsync(verify, encoding, cancellationToken);
        using var encoder = StartEncoder.Load(model);
        encoder.Save(output, new SaveOptions { Card = card, Onnx = formats.FirstOrDefault() });
        string[] files = [.. formats.Select(format => Path.Combine(output, format.File))];
        foreach (var (format, file) in formats.Zip(files).Skip(1)) encoder.ExportOnnx(file, format);
        ShowFiles(output);
        int length = encoder.MaxSequenceLength;
        AnsiConsole.MarkupLineInterpolated(
            $"{Path.GetFullPath(output)}: {encoder.Dimensions} dimensions, {encoder.Pooling} pooling, cut at {length} tokens");
        if (check is not null)
            foreach (var format in formats) check.Show(encoder, output, format.File, cancellationToken);
        return 0;
    }

    private static void ShowFiles(string output)
    {
        var table = new Table().RoundedBorder().AddColumn("file").AddColumn(new TableColumn("bytes").RightAligned());
        foreach (var file in new DirectoryInfo(output).GetFiles("*", SearchOption.AllDirectories)
            .OrderBy(f => f.FullName, StringComparer.Ordinal))
            table.AddRow(Markup.Escape(Path.GetRelativePath(output, file.FullName)), file.Length.ToString(CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
    }

    private enum Int8Weights
    {
        Vnni,
        Avx2,
    }
}
