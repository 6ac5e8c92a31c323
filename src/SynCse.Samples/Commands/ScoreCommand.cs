using System.CommandLine;
using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Loads a saved model with ML.NET and finds the candidates nearest to each query.</summary>
internal static class ScoreCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The zip that quickstart or tune wrote", Required = true };
        var queries = new Option<string>("--queries") { Description = "A text file, one query a line (default: the sample's)" };
        var candidates =
            new Option<string>("--candidates")
            {
                Description = "A text file, one candidate a line (default: the anchors of the sample's "
            + "triplets)"
            };
        var top = new Option<int>("--top") { Description = "Candidates to print for a query", DefaultValueFactory = _ => 2 };
        var encoding = InputEncoding.NewOption();
        var command = new Command("score", "Print the nearest candidates of each query, with a model loaded from its zip")
        { model, queries, candidates, top, encoding };
        command.SetAction(async (parsed, cancellationToken) => await RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(queries), parsed.GetValue(candidates), parsed.GetValue(top),
                parsed.GetValue(encoding), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, string? queryFile, string? candidateFile, int top, Encoding? encoding,
        CancellationToken cancellationToken)
    {
        if (top < 1) throw new ArgumentException($"--top is {top}; it must be at least 1.");
        var mlContext = new MLContext();
        var queries = await TextLines.ReadAsync(queryFile ?? SampleData.Queries, queryFile is null ? null : encoding, cancellationToken)
            .ToListAsync(cancellationToken);
        var candidates = candidateFile is null
            ? [.. TripletFile.Read(SampleData.Triplets, [], noHeader: false, encoding: null).Anchors]
            : await TextLines.ReadAsync(candidateFile, encoding, cancellationToken).ToListAsync(cancellationToken);

        var model = mlContext.Model.LoadWithDiagnostics(path, out _);
        using var engine = mlContext.Model.CreatePredictionEngine<TripletRow, EmbeddedRow>(model);   // disposes the model too
        var scored = model.Transform(mlContext.Data.LoadFromEnumerable(candidates.Select(text => new TripletRow { Anchor = text })));
        float[][] vectors = mlContext.Data.CreateEnumerable<EmbeddedRow>(scored, reuseRowObject: false).Select(row => row.Embedding)
            .ToArray();

        var table = new Table().RoundedBorder().AddColumn("query").AddColumn(new TableColumn("cosine").RightAligned()).AddColumn("nearest");
        foreach (string? query in queries)
        {
            float[] vector = engine.Predict(new TripletRow { Anchor = query }).Embedding;
            var nearest = vectors.Select((v, i) => (Cosine: TensorPrimitives.CosineSimilarity(vector, v), Text: candidates[i]))
                .OrderByDescending(c => c.Cosine).Take(top);
            foreach (var (cosine, text, first) in nearest.Select((c, i) => (c.Cosine, c.Text, i == 0)))
                table.AddRow(first ? Markup.Escape(query) : "", cosine.ToString("F3", CultureInfo.InvariantCulture), Markup.Escape(text));
        }
        AnsiConsole.MarkupLineInterpolated(
            $"Process {Environment.ProcessId}: {Path.GetFileName(path)} loaded, {queries.Count} queries, {candidates.Count} candidates");
        AnsiConsole.Write(table);
        return 0;
    }
}
