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
        var model = new Option<string>("--model")
        {
            Description = "The encoder: a zip of ours, a folder, or 'default'",
            DefaultValueFactory = _ => StartEncoder.Default
        };
        var input = new Option<string>("--input")
        {
            Description = "CSV (RFC 4180) or TSV with a header that names label and text in any order (usual names are known), "
                + "or without one: label, text",
            Required = true,
        };
        var textColumn = new Option<string?>("--text-column") { Description = "The input's column with the texts, by name" };
        var labelColumn = new Option<string?>("--label-column") { Description = "The input's column with the classes, by name" };
        var noHeader = new Option<bool>("--no-header") { Description = "The first row is data; the columns are label, text in this order" };
        var folds = new Option<int>("--folds") { Description = "Parts of the cross-validation", DefaultValueFactory = _ => 5 };
        var predict = new Option<string?>("--predict") { Description = "A text file: prints the class of every line" };
        var output = new Option<string?>("--output") { Description = "The zip to write: text in, class out, the encoder inside" };
        var encoding = InputEncoding.NewOption();
        var command = new Command("classify", "Train a text classifier on labelled lines and cross-validate it")
        { model, input, textColumn, labelColumn, noHeader, folds, predict, output, encoding };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(output) is { } file) OutputFile.EnsureWritable(file);
            var names = (parsed.GetValue(textColumn), parsed.GetValue(labelColumn));
            var rows = LabelledFile.Read(parsed.GetValue(input)!, names, parsed.GetValue(noHeader), parsed.GetValue(encoding));
            AnsiConsole.MarkupLineInterpolated($"Columns of {parsed.GetValue(input)}: {rows.Columns}");
            ClassCounts.Check(parsed.GetValue(input)!, rows.Rows, parsed.GetValue(folds));
            string? lines = parsed.GetValue(predict);
            var texts = lines is null ? null : await TextLines.ReadAsync(lines, parsed.GetValue(encoding), cancellationToken)
                .ToListAsync(cancellationToken);
            return Run(parsed.GetValue(model)!, rows.Rows, parsed.GetValue(folds), texts, parsed.GetValue(output), cancellationToken);
        });
        return command;
    }

    private static int Run(string model, IReadOnlyList<LabelledRow> rows, int folds, List<string>? texts, string? output,
        CancellationToken cancellationToken)
    {
        var mlContext = new MLContext(seed: 1);
        using var encoder = StartEncoder.Load(model);
        var classifier = new TextClassifier(mlContext, encoder);
        WriteMetrics(rows, [.. classifier.CrossValidate(rows, folds, cancellationToken)]);
        cancellationToken.ThrowIfCancellationRequested();
        if (texts is null && output is null) return 0;

        var trained = classifier.Fit(rows);
        if (output is not null)
        {
            mlContext.Model.SaveAtomically(trained, mlContext.Data.LoadFromEnumerable(rows).Schema, output);
            AnsiConsole.MarkupLineInterpolated($"Saved as {Path.GetFullPath(output)}");
        }
        if (texts is not null) WritePredictions(mlContext, trained, texts);
        return 0;
    }

    private static void WriteMetrics(IReadOnlyList<LabelledRow> rows, MulticlassClassificationMetrics[] folds)
    {
        double largest = rows.GroupBy(row => row.Label, StringComparer.Ordinal).Max(group => group.Count()) / (double)rows.Count;
        var table = new Table().RoundedBorder().AddColumn($"{rows.Count} rows, {folds.Length} folds")
            .AddColumn(new TableColumn("mean").RightAligned()).AddColumn(new TableColumn("standard deviation").RightAligned());
        void Add(string name, Func<MulticlassClassificationMetrics, double> metric)
        {
            double mean = folds.Average(metric),
                deviation = Math.Sqrt(folds.Sum(fold => Math.Pow(metric(fold) - mean, 2)) / (folds.Length - 1));
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
        var table = new Table().RoundedBorder().AddColumn("class").AddColumn(new TableColumn("probability").RightAligned())
            .AddColumn("text");
        foreach (var row in mlContext.Data.CreateEnumerable<ClassifiedRow>(predicted, reuseRowObject: false))
            table.AddRow(Markup.Escape(row.PredictedLabel), Digits(row.Score.Max()), Markup.Escape(row.Text));
        AnsiConsole.Write(table);
    }

    private static string Digits(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
}
