using System.Text;
using Microsoft.ML.SynCse.Core.Files;

namespace SynCse.Samples;

/// <summary>Labelled texts: columns that the header names, or the user; without a header label and text in this order.</summary>
internal sealed class LabelledFile
{
    // The first that is there is taken.
    private static readonly string[] _textNames =
        ["text", "sentence", "utterance", "content", "query", "question", "message", "description", "comment", "review", "tweet", "body",
            "document", "headline", "title", "input"];
    private static readonly string[] _labelNames =
        ["label", "class", "category", "intent", "target", "topic", "labels", "label_text", "label_name", "class_name", "category_name",
            "tag", "sentiment", "emotion", "department"];

    private readonly bool _namesMissing;
    private readonly string _path, _firstRow;

    private LabelledFile(DelimitedFile file, int label, int text, bool hasHeader, bool namesMissing)
    {
        (_path, _firstRow, _namesMissing) = (file.FilePath, file.FirstRowWords, namesMissing);
        string Name(int place) => hasHeader ? $"'{file.FirstRow[place].Trim()}'" : $"column {place + 1}";
        var others = Enumerable.Range(0, file.FirstRow.Length).Where(place => place != label && place != text);
        string[] unread = [.. others.Select(place => Name(place).Trim('\''))];
        Columns = $"label {Name(label)}, text {Name(text)}{ColumnChoice.NotRead(unread)}{(namesMissing ? "; no header was found" : "")}";
        Rows = [.. file.Rows(hasHeader, atLeast: 1 + Math.Max(label, text))
            .Select(row => Row(row.Line, row.Fields[label].Trim(), row.Fields[text]))];
        RefuseUnknownHeader();
    }

    /// <summary>Which columns were taken, for the console.</summary>
    public string Columns { get; }

    /// <summary>The rows.</summary>
    public IReadOnlyList<LabelledRow> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A .csv or .tsv file.</param>
    /// <param name="columns">The columns' names where the user gave them; null: usual ones are looked for.</param>
    /// <param name="noHeader">Whether the first row is data.</param>
    /// <param name="encoding">The file's encoding; null: UTF-8, or what a byte order mark says.</param>
    public static LabelledFile Read(string path, (string? Text, string? Label) columns, bool noHeader, Encoding? encoding)
    {
        if (noHeader && (columns.Text ?? columns.Label) is not null)
            throw new ArgumentException("--text-column and --label-column name columns of the header and --no-header says that there is "
                + "none: give one of the two.");
        var file = new DelimitedFile(path, encoding);
        int? text = noHeader ? null : columns.Text is { } t ? ColumnChoice.Require(file, t) : ColumnChoice.Find(file.FirstRow, _textNames);
        int? label = noHeader ? null : columns.Label is { } l ? ColumnChoice.Require(file, l)
            : ColumnChoice.Find(file.FirstRow, _labelNames);
        if (text is not null && text == label) throw new ArgumentException("--text-column and --label-column both name the column "
            + $"'{file.FirstRow[text.Value].Trim()}'.");
        if (text is { } textAt && label is { } labelAt) return new(file, labelAt, textAt, hasHeader: true, namesMissing: false);
        if (text is not null || label is not null)
        {
            var (found, missing, option) = text is { } only
                ? ($"a text column ('{file.FirstRow[only].Trim()}')", "label", "--label-column")
                : ($"a label column ('{file.FirstRow[label!.Value].Trim()}')", "text", "--text-column");
            throw new InvalidDataException($"The first row of '{path}' ({file.FirstRowWords}) names {found}, but no {missing} column. "
                + $"Name it with {option}, or give --no-header if the first row is data (label, text).");
        }
        if (file.FirstRow.Length < 2) throw new InvalidDataException($"'{path}' has one column ({file.FirstRowWords}), and a classifier "
            + "needs two, label and text. Fields are separated by commas in .csv, by tabs in .tsv.");
        return new(file, 0, 1, hasHeader: false, namesMissing: !noHeader);
    }

    private LabelledRow Row(int line, string label, string text)
        => label.Length > 0 && !string.IsNullOrWhiteSpace(text) ? new() { Label = label, Text = text }
            : throw new InvalidDataException($"Line {line} of '{_path}' has an empty {(label.Length == 0 ? "label" : "text")}: give it "
                + "one, or take the line out.");

    // A header with other names would be read as a class with one text.
    private void RefuseUnknownHeader()
    {
        if (!_namesMissing || Rows.Count(row => row.Label == Rows[0].Label) > 1) return;
        throw new InvalidDataException($"The first row of '{_path}' ({_firstRow}) may be a header: its first field is the label of no "
            + "other row. "
            + "Name the columns with --text-column and --label-column, or give --no-header if it is data (label, text).");
    }
}
