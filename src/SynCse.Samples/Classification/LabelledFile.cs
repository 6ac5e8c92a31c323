namespace SynCse.Samples;

/// <summary>Labelled texts: columns label and text in this order without a header, or with one that names them.</summary>
internal static class LabelledFile
{
    public static IReadOnlyList<LabelledRow> Read(string path)
    {
        var file = new DelimitedFile(path);
        int? label = ColumnChoice.Find(file.FirstRow, "label", "class", "category"), text = ColumnChoice.Find(file.FirstRow, "text", "sentence");
        bool hasHeader = label is not null && text is not null;
        var (labelAt, textAt) = hasHeader ? (label!.Value, text!.Value) : (0, 1);
        var rows = new List<LabelledRow>();
        foreach (var (line, fields) in file.Rows(hasHeader, atLeast: 1 + Math.Max(labelAt, textAt)))
        {
            var row = new LabelledRow { Label = fields[labelAt].Trim(), Text = fields[textAt] };
            if (row.Label.Length == 0 || string.IsNullOrWhiteSpace(row.Text))
                throw new InvalidDataException($"Line {line} of '{path}' has an empty {(row.Label.Length == 0 ? "label" : "text")}: give it one, or take the line out.");
            rows.Add(row);
        }
        return rows;
    }
}
