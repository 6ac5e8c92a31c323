using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Labelled lines become a text classifier: embedding, then SDCA, with cross-validated metrics.</summary>
internal static class ClassifyCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The encoder: a zip of ours, a folder, or 'default'", DefaultValueFactory = _ => StartEncoder.Default };
        var input = new Option<string>("--input") { Description = "CSV (RFC 4180) or TSV of label, text; with a header that names them in any order", Required = true };
        var folds = new Option<int>("--folds") { Description = "Parts of the cross-validation", DefaultValueFactory = _ => 5 };
        var predict = new Option<string?>("--predict") { Description = "A text file: prints the class of every line" };
        var output = new Option<string?>("--output") { Description = "The zip to write: text in, class out, the encoder inside" };
        var command = new Command("classify", "Train a text classifier on labelled lines and cross-validate it") { model, input, folds, predict, output };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(input)!, parsed.GetValue(folds), parsed.GetValue(predict), parsed.GetValue(output), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string model, string input, int folds, string? predict, string? output, CancellationToken cancellationToken)
    {
        if (output is not null) OutputFile.EnsureWritable(output);
        var rows = LabelledFile.Read(input);
        int classes = rows.Select(row => row.Label).Distinct(StringComparer.Ordinal).Count();
        if (classes < 2) throw new InvalidDataException($"'{input}' has {classes} class{(classes == 1 ? "" : "es")}; a classifier needs two or more.");
        if (rows.Count < 4) throw new InvalidDataException($"'{input}' has {rows.Count} rows; a cross-validation needs 4 or more.");
        if (folds < 2 || folds > rows.Count / 2) throw new ArgumentException($"--folds is {folds}; it must be from 2 to {rows.Count / 2}, half of the {rows.Count} rows.");
        var texts = predict is null ? [] : await TextLines.ReadAsync(predict, cancellationToken).ToListAsync(cancellationToken);

        var mlContext = new MLContext(seed: 1);
        using var encoder = StartEncoder.Load(model);
        var classifier = new TextClassifier(mlContext, encoder);
        WriteMetrics(rows, [.. classifier.CrossValidate(rows, folds).Select(fold => fold.Metrics)]);
        cancellationToken.ThrowIfCancellationRequested();
        if (predict is null && output is null) return 0;

        var trained = classifier.Fit(rows);
        if (output is not null)
        {
            mlContext.Model.SaveAtomically(trained, mlContext.Data.LoadFromEnumerable(rows).Schema, output);
            AnsiConsole.MarkupLineInterpolated($"Saved as {Path.GetFullPath(output)}");
        }
        if (predict is not null) WritePredictions(mlContext, trained, texts);
        return 0;
    }

    private static void WriteMetrics(IReadOnlyList<LabelledRow> rows, MulticlassClassificationMetrics[] folds)
    {
        double largest = rows.GroupBy(row => row.Label, StringComparer.Ordinal).Max(group => group.Count()) / (double)rows.Count;
        var table = new Table().RoundedBorder().AddColumn($"{rows.Count} rows, {folds.Length} folds").AddColumn(new TableColumn("mean").RightAligned()).AddColumn(new TableColumn("standard deviation").RightAligned());
        void Add(string name, Func<MulticlassClassificationMetrics, double> metric)
        {
            double mean = folds.Average(metric), deviation = Math.Sqrt(folds.Sum(fold => Math.Pow(metric(fold) - mean, 2)) / (folds.Length - 1));
            table.AddRow(name, Digits(mean), Digits(deviation));
        }

        Add("accuracy (micro)", fold => fold.MicroAccuracy);
        Add("accuracy of a class, mean (macro)", fold => fold.MacroAccuracy);
        Add("log-loss", fold => fold.LogLoss);
        table.AddRow("for comparison: always the largest class", Digits(largest), "");
        AnsiConsole.Write(table);
    }

    private static void WritePredictions(MLContext mlContext, ITransformer trained, List<string> texts)
    {
        var predicted = trained.Transform(mlContext.Data.LoadFromEnumerable(texts.Select(text => new LabelledRow { Text = text })));
        var table = new Table().RoundedBorder().AddColumn("class").AddColumn(new TableColumn("probability").RightAligned()).AddColumn("text");
        foreach (var row in mlContext.Data.CreateEnumerable<ClassifiedRow>(predicted, reuseRowObject: false))
            table.AddRow(Markup.Escape(row.PredictedLabel), Digits(row.Score.Max()), Markup.Escape(row.Text));
        AnsiConsole.Write(table);
    }

    private static string Digits(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
