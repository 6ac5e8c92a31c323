namespace SynCse.Samples;

/// <summary>Rows to train on, from a file with an anchor column and perhaps a positive and a negative one.</summary>
internal sealed record TripletFile(IReadOnlyList<TripletRow> Rows, bool HasPositive, bool HasNegative)
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A .csv or .tsv file.</param>
    /// <param name="columns">Names of one, two or three columns, in the order anchor, positive, negative; empty: well-known names are looked for.</param>
    /// <param name="noHeader">Whether the first row is data; then columns go by their order.</param>
    public static TripletFile Read(string path, IReadOnlyList<string> columns, bool noHeader)
    {
        if (noHeader && columns.Count > 0) throw new ArgumentException("--columns names columns of the header and --no-header says that there is none: give one of the two.");
        var file = new DelimitedFile(path);
        var places = noHeader ? [.. Enumerable.Range(0, Math.Min(3, file.FirstRow.Length))] : columns.Count > 0 ? Named(file, columns) : WellKnown(file);
        return new([.. file.Rows(skipFirst: !noHeader).Select(row => Row(row.Fields, places))], places.Length > 1, places.Length > 2);
    }

    private static int[] Named(DelimitedFile file, IReadOnlyList<string> columns)
        => columns.Count <= 3 ? [.. columns.Select(name => ColumnChoice.Require(file, name))]
            : throw new ArgumentException($"--columns names {columns.Count} columns; it takes the anchor's, the positive's and the negative's.");

    private static int[] WellKnown(DelimitedFile file)
    {
        var header = file.FirstRow;
        if (ColumnChoice.Find(header, "anchor", "sent0", "sentence", "text", "query") is not { } anchor)
            throw new InvalidDataException($"The first row of '{file.FilePath}' ({file.FirstRowWords}) names no anchor column (anchor, sent0, sentence, text or query). "
                + "Name the columns with --columns, or give --no-header if the first row is data.");
        if (ColumnChoice.Find(header, "positive", "pos", "sent1") is not { } positive)
        {
            // Anchors alone are another kind of training; a misspelt name must not choose it.
            return header.Length == 1 ? [anchor] : throw new InvalidDataException($"The first row of '{file.FilePath}' ({file.FirstRowWords}) names no positive column (positive, pos or sent1). "
                + $"Name the columns with --columns, or give --columns {header[anchor].Trim()} to train on that one alone.");
        }
        return ColumnChoice.Find(header, "negative", "neg", "hard_neg", "hard_negative", "sent2") is { } negative ? [anchor, positive, negative] : [anchor, positive];
    }

    private static TripletRow Row(string[] fields, int[] places) => new()
    {
        Anchor = fields[places[0]],
        Positive = places.Length > 1 ? fields[places[1]] : "",
        Negative = places.Length > 2 ? fields[places[2]] : "",
    };
}
