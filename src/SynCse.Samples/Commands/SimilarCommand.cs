using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>The lines of a file nearest to a query, by cosine. Holds the vectors alone: the lines are streamed through the
/// encoder.</summary>
internal static class SimilarCommand
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
            Description = "The sentences to search: a text file, one a line; '-': standard input",
            Required = true
        };
        var query = new Option<string[]>("--query") { Description = "What to look for; may be given several times", Required = true };
        var top = new Option<int>("--top") { Description = "Lines to print for a query", DefaultValueFactory = _ => 5 };
        var least = new Option<double>("--min") { Description = "Lines under this cosine are not printed", DefaultValueFactory = _ => -1 };
        var queryPrompt =
            new Option<string?>("--query-prompt")
            {
                Description = "The prompt of the queries by name, as E5 and BGE want one (default: "
            + "the model's default)"
            };
        var linePrompt = new Option<string?>("--line-prompt") { Description = "The prompt of the lines by name" };
        var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:N" };
        var encoding = InputEncoding.NewOption();
        var command = new Command("similar", "Print the lines of a file that are most similar to a query")
        { model, input, query, top, least, queryPrompt, linePrompt, device, encoding };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(model)!, (parsed.GetValue(input)!, parsed.GetValue(encoding)), parsed.GetValue(query)!,
            (parsed.GetValue(top), parsed.GetValue(least)), (parsed.GetValue(queryPrompt), parsed.GetValue(linePrompt)),
                parsed.GetValue(device), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string model, (string Path, Encoding? Encoding) input, string[] queries,
        (int Top, double Least) limits, (string? Query, string? Line) prompts, string? device, CancellationToken cancellationToken)
    {
        var (top, least) = limits;
        if (top < 1) throw new ArgumentException($"--top is {top}; it must be at least 1.");
        if (least is not (>= -1 and <= 1)) throw new ArgumentException("--min must be a cosine, from -1 to 1.");
        if (queries.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("--query is empty; give a text.");
        using var encoder = StartEncoder.Load(model, new SentenceEncoderOptions { Device = device });
        var clock = Stopwatch.StartNew();
        var lines = TextLines.ReadAsync(input.Path, input.Encoding, cancellationToken);
        var index = await AnsiConsole.Status().StartAsync("Encoding", status => SentenceIndex.BuildAsync(
            encoder, lines, new EncodingOptions { PromptName = prompts.Line },
            count => status.Status = FormattableString.Invariant($"{count} lines, {count / clock.Elapsed.TotalSeconds:F0} a second"),
                cancellationToken));
        AnsiConsole.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"{index.Count} lines encoded in {clock.Elapsed.TotalSeconds:F1} s");

        foreach (var (query, vector) in queries.Zip(
            encoder.Encode(queries, new EncodingOptions { PromptName = prompts.Query }, cancellationToken: cancellationToken)))
        {
            var table = new Table().RoundedBorder().Title(Markup.Escape(query))
                .AddColumn(new TableColumn("cosine").RightAligned()).AddColumn(new TableColumn("line").RightAligned())
                    .AddColumn("sentence");
            foreach (var match in index.Nearest(vector, top).Where(match => match.Cosine >= least))
                table.AddRow(match.Cosine.ToString("F3", CultureInfo.InvariantCulture), match.Line.ToString(CultureInfo.InvariantCulture),
                    Markup.Escape(match.Text));
            AnsiConsole.Write(table);
        }
        return 0;
    }
}
