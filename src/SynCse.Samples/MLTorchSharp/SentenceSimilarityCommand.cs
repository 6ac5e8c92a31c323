using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.TorchSharp;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Triplets as scored pairs for the SentenceSimilarity trainer of Microsoft.ML.TorchSharp.</summary>
/// <remarks>
/// That trainer learns a score of two sentences, not a vector of one. Compiled only with <c>-p:WithMLTorchSharp=true</c>;
/// build/MLTorchSharp.props says why the trainer does not work beside this library.
/// </remarks>
internal static class SentenceSimilarityCommand
{
    private const int Epochs = 3;

    public static Command Create()
    {
        var triplets = new Option<string>("--triplets")
        {
            Description = "CSV or TSV with columns anchor, positive[, negative]",
            DefaultValueFactory = _ => SampleData.Triplets,
        };
        var columns = new Option<string?>("--columns") { Description = "The file's columns by name: anchor,positive[,negative]" };
        var output = new Option<string>("--output") { Description = "The CSV to write: Label, Sentence1, Sentence2", Required = true };
        var train = new Option<string?>("--train") { Description = "Train on the pairs too, and write this zip" };
        var encoding = InputEncoding.NewOption();
        var command = new Command("sentence-similarity", "Write triplets as scored pairs, for Microsoft.ML.TorchSharp's SentenceSimilarity")
        {
            triplets, columns, output, train, encoding,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            string[] names = parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries) ?? [];
            var rows = TripletFile.Read(parsed.GetValue(triplets)!, names, noHeader: false, parsed.GetValue(encoding));
            return RunAsync(rows, parsed.GetValue(output)!, parsed.GetValue(train), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(TripletFile triplets, string output, string? train, CancellationToken cancellationToken)
    {
        OutputFile.EnsureWritable(output);
        if (train is not null) OutputFile.EnsureWritable(train);
        int rows = await ScoredSentencePairFile.WriteAsync(output, ScoredSentencePair.FromTriplets(triplets), cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"{rows} scored pairs in {Path.GetFullPath(output)}");
        AnsiConsole.MarkupLineInterpolated($"To read them: {ScoredSentencePairFile.LoadingCode(output)}");
        if (train is null) return 0;

        if (MLTorchSharpTrainers.WhyNot(output) is { } reason) throw new NotSupportedException(reason);
        var mlContext = new MLContext(seed: 1);
        var pairs = ScoredSentencePairFile.Load(mlContext, output);
        var trainer = mlContext.Regression.Trainers.SentenceSimilarity(sentence1ColumnName: nameof(ScoredSentencePair.Sentence1),
            sentence2ColumnName: nameof(ScoredSentencePair.Sentence2), maxEpochs: Epochs);
        mlContext.Model.SaveAtomically(trainer.Fit(pairs), pairs.Schema, train);
        AnsiConsole.MarkupLineInterpolated($"Saved as {Path.GetFullPath(train)}");
        return 0;
    }
}
