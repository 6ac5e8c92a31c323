namespace SynCse.Samples;

/// <summary>What the numbers of rows in the classes allow, before anything is encoded.</summary>
internal static class ClassCounts
{
    // A message stays one line, however many classes there are.
    private const int Named = 5;

    /// <summary>Refuses what no cross-validation can be made of, and warns of classes that miss some of its parts.</summary>
    /// <exception cref="InvalidDataException">Too few rows or classes, or no class has two rows.</exception>
    /// <exception cref="ArgumentException">Too few or too many folds.</exception>
    public static void Check(string input, IReadOnlyList<LabelledRow> rows, int folds)
    {
        var classes = rows.CountBy(row => row.Label, StringComparer.Ordinal).OrderBy(found => found.Value)
            .ThenBy(found => found.Key, StringComparer.Ordinal).ToArray();
        if (classes.Length < 2) throw new InvalidDataException($"'{input}' has {classes.Length} "
            + $"class{(classes.Length == 1 ? "" : "es")}; a classifier needs two or more.");
        if (rows.Count < 4) throw new InvalidDataException($"'{input}' has {rows.Count} rows; a cross-validation needs 4 or more.");
        if (folds < 2 || folds > rows.Count / 2) throw new ArgumentException($"--folds is {folds}; it must be from 2 to "
            + $"{rows.Count / 2}, half of the {rows.Count} rows.");
        int texts = rows.DistinctBy(row => row.Text, StringComparer.Ordinal).Count();
        if (folds > texts) throw new ArgumentException($"--folds is {folds}, and the {rows.Count} rows have {texts} different "
            + $"text{(texts == 1 ? "" : "s")}; a text stands in one part only.");
        if (classes[^1].Value == 1)
        {
            throw new InvalidDataException($"Each of the {classes.Length} classes of '{input}' has one row ({Names(classes)}): "
                + "nothing can be learned of a class and tested on it too. "
                + "If another column holds the classes, name it with --label-column; else give each class more rows.");
        }
        KeyValuePair<string, int>[] few = [.. classes.Where(found => found.Value < folds)];
        if (few.Length == 0) return;
        Terminal.Warning($"{few.Length} of {classes.Length} classes ha{(few.Length == 1 ? "s" : "ve")} "
            + $"fewer rows than the {folds} folds ({Names(few)}): some parts of the cross-validation test no row of theirs, "
            + "and with one row a class is never both trained on and tested. Give them more rows"
            + (classes[0].Value > 1 ? $", or take --folds {classes[0].Value}." : "."));
    }

    private static string Names(IReadOnlyCollection<KeyValuePair<string, int>> classes)
        => string.Join(", ", classes.Take(Named).Select(found => $"'{ErrorText.OneLine(found.Key)}' {found.Value}"))
            + (classes.Count > Named ? " ..." : "");
}
