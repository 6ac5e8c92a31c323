using System.CommandLine;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Training;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A file of triplets and an encoder become a tuned model in a zip.</summary>
internal static class TuneCommand
{
    public static Command Create()
    {
        var triplets = new Option<string>("--triplets")
        {
            Description = "CSV (RFC 4180), TSV or JSON Lines with anchor [positive [negative]], or positive_1, negative_1, negative_2 "
                + "and so on; usual names are known too, such as sent0, sent1, hard_neg; query, pos, neg; question, answer",
            Required = true,
        };
        var columns = new Option<string>("--columns")
        {
            Description = "The file's columns by name: anchor[,positive[,negative[,further negatives]]]",
        };
        var noHeader = new Option<bool>("--no-header")
        {
            Description = "The first row is data; the columns are anchor, positive, "
            + "negative in this order"
        };
        var encoder = new Option<string>("--encoder")
        {
            Description = "A Hugging Face or sentence-transformers folder, or a zip of ours",
            DefaultValueFactory = _ => StartEncoder.Default
        };
        var scored = new Option<string>("--scored")
        {
            Description = "TSV or CSV of score, sentence, sentence: prints Spearman's "
            + "correlation before and after"
        };
        var output = new Option<string>("--output") { Description = "The zip to write", Required = true };
        var plot = new Option<string?>("--plot") { Description = "A PNG of the run: loss, learning rate, score" };
        var encoding = InputEncoding.NewOption();
        var settings = new TrainingArguments();
        var command = new Command("tune", "Tune an encoder on triplets, pairs or single sentences, and save the ML.NET model")
        { triplets, columns, noHeader, encoder, scored, output, plot, encoding };
        settings.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(
            (parsed.GetValue(triplets)!, parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries) ?? [],
                parsed.GetValue(noHeader), parsed.GetValue(encoding)),
            parsed.GetValue(encoder)!, parsed.GetValue(scored), (parsed.GetValue(output)!, parsed.GetValue(plot)), settings.Read(parsed),
                cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync((string Path, string[] Columns, bool NoHeader, Encoding? Encoding) triplets, string encoder,
        string? scored, (string Model, string? Plot) outputs,
        ContrastiveTrainingOptions training, CancellationToken cancellationToken)
    {
        var (output, plot) = outputs;
        OutputFile.EnsureWritable(output);
        if (plot is not null) OutputFile.EnsureWritable(plot);
        var mlContext = new MLContext(seed: 1);
        var file = TripletFile.Read(triplets.Path, triplets.Columns, triplets.NoHeader, triplets.Encoding);
        AnsiConsole.MarkupLineInterpolated($"Columns of {triplets.Path}: {file.Columns}");
        var rows = file.Load(mlContext);
        var pairs = scored is null ? [] : ScoredPairFile.Read(scored, triplets.Encoding);
        var pairRows = mlContext.Data.LoadFromEnumerable(pairs);

        using var start = StartEncoder.Load(encoder, new SentenceEncoderOptions { Device = training.Device });
        double? before = scored is null ? null : SimilarityTest.Spearman(mlContext, start, pairRows);

        var pipeline = mlContext.Transforms.SynCseEmbedding(
            "Embedding", nameof(TripletRow.Anchor), file.HasPositive ? nameof(TripletRow.Positive) : null,
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
            byte[] png = TrainingPlot.Png(
                TrainingStepLog.PathOf(training) is { } log ? TrainingStepLog.Read(log) : steps, model.Training!.Evaluations);
            await OutputFile.WriteAsync(plot, async stream => await stream.WriteAsync(png, cancellationToken), cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"Drawn as {Path.GetFullPath(plot)}");
        }
        return 0;
    }
}
