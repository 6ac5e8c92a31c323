using System.Globalization;

namespace SynCse.Samples;

/// <summary>Scored sentence pairs: columns score, sentence, sentence in this order without a header, or with one that names them. Further columns are not read.</summary>
internal static class ScoredPairFile
{
    public static IReadOnlyList<ScoredPairRow> Read(string path)
    {
        var file = new DelimitedFile(path);
        bool hasHeader = !TryParse(file.FirstRow[0], out _);
        var (score, left, right) = hasHeader ? Named(file) : (0, 1, 2);
        return [.. file.Rows(hasHeader, atLeast: 1 + Math.Max(score, Math.Max(left, right))).Select(row => new ScoredPairRow
        {
            Score = TryParse(row.Fields[score], out float value) ? value : throw new InvalidDataException($"Line {row.Line} of '{path}' has the score '{row.Fields[score]}', which is not a number."),
            Left = row.Fields[left],
            Right = row.Fields[right],
        })];
    }

    private static (int Score, int Left, int Right) Named(DelimitedFile file)
        => ColumnChoice.Find(file.FirstRow, "score", "label", "similarity") is { } score
            && ColumnChoice.Find(file.FirstRow, "left", "sentence1", "sent1") is { } left && ColumnChoice.Find(file.FirstRow, "right", "sentence2", "sent2") is { } right
            ? (score, left, right)
            : throw new InvalidDataException($"The first row of '{file.FilePath}' begins with no number and does not name the columns score, left (or sentence1) and right (or sentence2): {file.FirstRowWords}.");

    private static bool TryParse(string text, out float value)
        => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);
}
