using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.TorchSharp;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Triplets as scored pairs for the SentenceSimilarity trainer of Microsoft.ML.TorchSharp, which learns a score of two sentences, not a vector of one.</summary>
/// <remarks>
/// Compiled only with <c>-p:WithMLTorchSharp=true</c>. Written from that package's documentation: our package source does not have it, so this was neither
/// compiled nor run here. build/MLTorchSharp.props says why the two TorchSharp versions may not go together in one process.
/// </remarks>
internal static class SentenceSimilarityCommand
{
    public static Command Create()
    {
        var triplets = new Option<string>("--triplets") { Description = "CSV or TSV with columns anchor, positive, negative", DefaultValueFactory = _ => SampleData.Triplets };
        var output = new Option<string>("--output") { Description = "The zip to write", Required = true };
        var command = new Command("sentence-similarity", "Train Microsoft.ML.TorchSharp's SentenceSimilarity on scored pairs made of triplets") { triplets, output };
        command.SetAction(parsed => Run(parsed.GetValue(triplets)!, parsed.GetValue(output)!));
        return command;
    }

    private static int Run(string triplets, string output)
    {
        OutputFile.EnsureWritable(output);
        var mlContext = new MLContext(seed: 1);
        var rows = TripletFile.Read(triplets, [], noHeader: false).Rows;
        var pairs = mlContext.Data.LoadFromEnumerable(ScoredSentencePair.FromTriplets(rows));
        var model = mlContext.Regression.Trainers.SentenceSimilarity(sentence1ColumnName: nameof(ScoredSentencePair.Sentence1), sentence2ColumnName: nameof(ScoredSentencePair.Sentence2), maxEpochs: 3)
            .Fit(pairs);
        mlContext.Model.SaveAtomically(model, pairs.Schema, output);
        AnsiConsole.MarkupLineInterpolated($"Saved as {Path.GetFullPath(output)}");
        return 0;
    }
}
