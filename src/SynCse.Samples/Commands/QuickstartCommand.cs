using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>The whole job on the data that lies with the sample: tune, compare, save, load elsewhere, search.</summary>
internal static class QuickstartCommand
{
    public const string DefaultOutput = "syncse-quickstart.zip";

    public static Command Create()
    {
        var output = new Option<string>("--output") { Description = "The model's zip", DefaultValueFactory = _ => DefaultOutput };
        var command = new Command(
            "quickstart", "Tune the default encoder on 200 customer messages, save it, load it in a second process, search with "
            + "it") { output };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(output)!, cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(string output, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        OutputFile.EnsureWritable(output);
        var mlContext = new MLContext(seed: 1);
        var triplets = mlContext.Data.LoadFromTextFile<TripletRow>(SampleData.Triplets, separatorChar: ',', hasHeader: true,
            allowQuoting: true);
        var pairs = mlContext.Data.LoadFromTextFile<ScoredPairRow>(SampleData.Pairs, separatorChar: ',', hasHeader: true,
            allowQuoting: true);

        using var start = SentenceEncoder.LoadDefault();
        double before = SimilarityTest.Spearman(mlContext, start, pairs);

        AnsiConsole.MarkupLine("[bold]1. Tune[/] the default encoder on 200 triplets of customer messages");
        var pipeline = mlContext.Transforms.SynCseEmbedding(
            "Embedding", "Anchor", "Positive", "Negative", new SynCseEmbeddingOptions { Encoder = start, Training = Training });
        using var model = await TrainingDisplay.ShowAsync(progress => pipeline.FitAsync(triplets, progress, cancellationToken));
        double after = SimilarityTest.Spearman(mlContext, model.Encoder, pairs);
        EvidenceTable.Write(model.Training!, before, after, pairs: 100);
        AnsiConsole.MarkupLine(
            "The 100 scored pairs took no part in the training. A correlation over 100 pairs has a standard error of about 0.1: take "
            + "them as a sign, not as a benchmark.");

        mlContext.Model.SaveAtomically(model, triplets.Schema, output);
        AnsiConsole.MarkupLineInterpolated($"[bold]2. Saved[/] as {Path.GetFullPath(output)} ({new FileInfo(output).Length >> 20} MB)");

        AnsiConsole.MarkupLine("[bold]3. Load[/] it in a second process and search with it");
        int exitCode = await OwnProcess.RunAsync(["score", "--model", output], cancellationToken);
        if (exitCode != 0) throw new InvalidOperationException($"The second process ended with exit code {exitCode}.");
        double seconds = clock.Elapsed.TotalSeconds;
        AnsiConsole.MarkupLineInterpolated(
            $"Done in {seconds:F0} s. Next: 'tune' with your own triplets, 'encode' to get vectors; '--help' shows them.");
        return 0;
    }

    // Chosen on the triplets alone, by four-fold cross-validation: how high an anchor ranks its own positive among all positives and hard
    // negatives.
    // More steps or an extra weight on hard negatives part more triplets, but search becomes worse.
    private static ContrastiveTrainingOptions Training
        => new() { Epochs = 3, BatchSize = 16, LearningRate = 5e-4, ValidationFraction = 0.2 };
}
