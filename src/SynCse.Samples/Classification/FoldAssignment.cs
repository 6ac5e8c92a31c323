namespace SynCse.Samples;

/// <summary>
/// Which part of a cross-validation tests which row: each class is spread evenly over the parts, and equal texts stand in one.
/// </summary>
internal static class FoldAssignment
{
    /// <summary>
    /// The part of each row, from 0. None is empty where there are as many distinct texts as parts, and none lacks a class of as many.
    /// </summary>
    public static int[] Of(IReadOnlyList<LabelledRow> rows, int folds)
    {
        // In the order of the classes, one part after the other, without beginning anew at the next class.
        var parts = rows.DistinctBy(row => row.Text, StringComparer.Ordinal).OrderBy(row => row.Label, StringComparer.Ordinal)
            .Select((row, i) => (row.Text, Part: i % folds)).ToDictionary(text => text.Text, text => text.Part, StringComparer.Ordinal);
        return [.. rows.Select(row => parts[row.Text])];
    }
}
