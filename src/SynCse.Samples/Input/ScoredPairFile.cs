using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Files;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>Scored sentence pairs: columns score, sentence, sentence in this order without a header, or with one that names them. Further
/// columns are not read.</summary>
internal static class ScoredPairFile
{
    private static readonly (string Left, string Right)[] _pairs =
        [("left", "right"), ("sentence1", "sentence2"), ("sent1", "sent2"), ("sentence_a", "sentence_b"), ("text1", "text2"),
            ("question1", "question2"), ("sent0", "sent1"), ("sentence_0", "sentence_1")];

    public static IReadOnlyList<ScoredPairRow> Read(string path, Encoding? encoding)
    {
        var file = new DelimitedFile(path, encoding);
        bool hasHeader = !TryParse(file.FirstRow[0], out _);
        var (score, left, right) = hasHeader ? Named(file) : (0, 1, 2);
        if (hasHeader)
        {
            string[] unread = [.. file.FirstRow.Where((_, i) => i != score && i != left && i != right)];
            string taken = $"score '{file.FirstRow[score]}', sentences '{file.FirstRow[left]}' and '{file.FirstRow[right]}'";
            AnsiConsole.MarkupLineInterpolated($"Columns of {path}: {taken}{ColumnChoice.NotRead(unread)}");
        }
        return [.. file.Rows(hasHeader, atLeast: 1 + Math.Max(score, Math.Max(left, right))).Select(row => new ScoredPairRow
        {
            Score = TryParse(row.Fields[score], out float value) ? value
                : throw new InvalidDataException($"Line {row.Line} of '{path}' has the score '{row.Fields[score]}', "
                + "which is not a number (with a point, if it has decimals)."),
            Left = row.Fields[left],
            Right = row.Fields[right],
        })];
    }

    private static (int Score, int Left, int Right) Named(DelimitedFile file)
    {
        int? score = ColumnChoice.Find(file.FirstRow, "score", "label", "similarity", "similarity_score", "relatedness_score");
        foreach (var (left, right) in _pairs)
        {
            if (score is { } s && ColumnChoice.Find(file.FirstRow, left) is { } l
                && ColumnChoice.Find(file.FirstRow, right) is { } r) return (s, l, r);
        }
        throw new InvalidDataException($"The first row of '{file.FilePath}' begins with no number and does not name the columns score, "
            + $"left (or sentence1) and right (or sentence2): {file.FirstRowWords}.");
    }

    private static bool TryParse(string text, out float value)
        => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
}
