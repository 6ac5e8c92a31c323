using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A file of triplets and an encoder become a tuned model in a zip.</summary>
internal static class TuneCommand
{
    public static Command Create()
    {
        var triplets = new Option<string>("--triplets") { Description = "CSV (RFC 4180) or TSV with columns anchor [positive [negative]]; sent0, sent1, hard_neg are known too", Required = true };
        var columns = new Option<string>("--columns") { Description = "The file's columns by name: anchor[,positive[,negative]]" };
        var noHeader = new Option<bool>("--no-header") { Description = "The first row is data; the columns are anchor, positive, negative in this order" };
        var encoder = new Option<string>("--encoder") { Description = "A Hugging Face or sentence-transformers folder, or a zip of ours", DefaultValueFactory = _ => StartEncoder.Default };
        var scored = new Option<string>("--scored") { Description = "TSV or CSV of score, sentence, sentence: prints Spearman's correlation before and after" };
        var output = new Option<string>("--output") { Description = "The zip to write", Required = true };
        var plot = new Option<string?>("--plot") { Description = "A PNG of the run: loss, learning rate, score" };
        var settings = new TrainingArguments();
        var command = new Command("tune", "Tune an encoder on triplets, pairs or single sentences, and save the ML.NET model") { triplets, columns, noHeader, encoder, scored, output, plot };
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(
            (parsed.GetValue(triplets)!, parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries) ?? [], parsed.GetValue(noHeader)),
            parsed.GetValue(encoder)!, parsed.GetValue(scored), (parsed.GetValue(output)!, parsed.GetValue(plot)), settings.Read(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync((string Path, string[] Columns, bool NoHeader) triplets, string encoder, string? scored, (string Model, string? Plot) outputs,
        ContrastiveTrainingOptions training, CancellationToken cancellationToken)
    {
        var (output, plot) = outputs;
        OutputFile.EnsureWritable(output);
        if (plot is not null) OutputFile.EnsureWritable(plot);
        var mlContext = new MLContext(seed: 1);
        var file = TripletFile.Read(triplets.Path, triplets.Columns, triplets.NoHeader);
        var rows = mlContext.Data.LoadFromEnumerable(file.Rows);
        var pairs = scored is null ? [] : ScoredPairFile.Read(scored);
        var pairRows = mlContext.Data.LoadFromEnumerable(pairs);

        using var start = StartEncoder.Load(encoder, new SentenceEncoderOptions { Device = training.Device });
        double? before = scored is null ? null : SimilarityTest.Spearman(mlContext, start, pairRows);

        var pipeline = mlContext.Transforms.SynCseEmbedding("Embedding", nameof(TripletRow.Anchor), file.HasPositive ? nameof(TripletRow.Positive) : null,
            file.HasNegative ? nameof(TripletRow.Negative) : null, new SynCseEmbeddingOptions { Encoder = start, Training = training });
        var steps = new List<TrainingProgress>();
        using var model = await TrainingDisplay.ShowAsync(progress => pipeline.FitAsync(rows, progress, cancellationToken), steps);
        double? after = scored is null ? null : SimilarityTest.Spearman(mlContext, model.Encoder, pairRows);
        EvidenceTable.Write(model.Training!, before, after, pairs.Count);

        mlContext.Model.SaveAtomically(model, rows.Schema, output);
        AnsiConsole.MarkupLineInterpolated($"Saved as {Path.GetFullPath(output)}");
        if (plot is not null)
        {
            // A resumed run reports its own steps; the log has the earlier ones too.
            var png = TrainingPlot.Png(TrainingStepLog.PathOf(training) is { } log ? TrainingStepLog.Read(log) : steps, model.Training!.Evaluations);
            await OutputFile.WriteAsync(plot, async stream => await stream.WriteAsync(png, cancellationToken), cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"Drawn as {Path.GetFullPath(plot)}");
        }
        return 0;
    }
}
