using System.Globalization;
using Microsoft.ML;

namespace SynCse.Samples;

/// <summary>Scored sentence pairs: columns score, sentence, sentence in this order without a header, or with one that names them.</summary>
internal static class ScoredPairFile
{
    public static IReadOnlyList<ScoredPairRow> Read(MLContext mlContext, string path)
    {
        var file = new DelimitedFile(mlContext, path);
        bool hasHeader = !TryParse(file.FirstRow[0], out _);
        var (score, left, right) = hasHeader ? Named(file) : (0, 1, 2);
        if (file.FirstRow.Length < 3) throw new InvalidDataException($"'{path}' has {file.FirstRow.Length} columns; scored pairs need a score and two sentences.");
        return [.. file.Rows(skipFirst: hasHeader).Select((row, i) => new ScoredPairRow
        {
            Score = TryParse(row[score], out float value) ? value : throw new InvalidDataException($"Data row {i + 1} of '{path}' has the score '{row[score]}', which is not a number."),
            Left = row[left],
            Right = row[right],
        })];
    }

    private static (int Score, int Left, int Right) Named(DelimitedFile file)
        => ColumnChoice.Find(file.FirstRow, "score", "label", "similarity") is { } score
            && ColumnChoice.Find(file.FirstRow, "left", "sentence1", "sent1") is { } left && ColumnChoice.Find(file.FirstRow, "right", "sentence2", "sent2") is { } right
            ? (score, left, right)
            : throw new InvalidDataException($"The first row of '{file.FilePath}' begins with no number and does not name the columns score, left (or sentence1) and right (or sentence2): {string.Join(", ", file.FirstRow.Select(f => $"'{f}'"))}.");

    private static bool TryParse(string text, out float value)
        => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
}
