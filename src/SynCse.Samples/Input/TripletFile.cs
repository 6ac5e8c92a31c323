using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace SynCse.Samples;

/// <summary>Rows to train on, from a file with an anchor and perhaps positives and hard negatives: .csv, .tsv, or .jsonl.</summary>
internal sealed class TripletFile
{
    private readonly IReadOnlyList<TripletTexts> _rows;
    private readonly int _positives, _negatives;

    private TripletFile(TripletHeader header, IReadOnlyList<TripletTexts> rows)
    {
        _rows = rows;
        Columns = Words(header);
        _positives = header.Positives.Count == 0 ? 0 : rows.Select(row => row.Positives.Count).Append(1).Max();
        _negatives = header.Negatives.Count == 0 ? 0 : rows.Select(row => row.Negatives.Count).Append(1).Max();
        // A row that lacks all of a kind stays as it is: training leaves it out, counts it and says so.
        bool Lacks(TripletTexts row) => string.IsNullOrWhiteSpace(row.Anchor)
            || _positives > 0 && row.Positives.Count == 0 || _negatives > 0 && row.Negatives.Count == 0;
        if (rows.All(row => Lacks(row) || row.Positives.Count == _positives && row.Negatives.Count == _negatives)) return;
        (_rows, _positives, _negatives) = ([.. rows.SelectMany(row => row.Single())], Math.Min(1, _positives), Math.Min(1, _negatives));
        string each = _negatives > 0 ? "one positive and one hard negative" : "one positive";
        Columns += $". Not every row has as many texts, so each became rows of {each}: {rows.Count} rows, {_rows.Count} to train on";
    }

    /// <summary>What was read, for the console.</summary>
    public string Columns { get; }

    /// <summary>Whether there are positives.</summary>
    public bool HasPositive => _positives > 0;

    /// <summary>Whether there are hard negatives.</summary>
    public bool HasNegative => _negatives > 0;

    /// <summary>The rows.</summary>
    public IReadOnlyList<TripletTexts> Rows => _rows;

    /// <summary>The anchors.</summary>
    public IEnumerable<string> Anchors => _rows.Select(row => row.Anchor);

    /// <summary>Reads a file.</summary>
    /// <param name="path">A .csv or .tsv file, or .jsonl with an object a line.</param>
    /// <param name="columns">
    /// Names of columns in the order anchor, positive, hard negatives; empty: well-known names are looked for.
    /// </param>
    /// <param name="noHeader">Whether the first row is data; then columns go by their order.</param>
    /// <param name="encoding">The file's encoding; null: UTF-8, or what a byte order mark says.</param>
    public static TripletFile Read(string path, IReadOnlyList<string> columns, bool noHeader, Encoding? encoding)
    {
        if (noHeader && columns.Count > 0) throw new ArgumentException(
            "--columns names columns of the header and --no-header says that there is none: give one of the two.");
        if (Path.GetExtension(path).ToLowerInvariant() is ".jsonl" or ".ndjson" or ".json")
        {
            var lines = new TripletJsonFile(path, encoding, noHeader);
            var fields = noHeader ? ByPlace(lines.Names.Count) : Header(path, lines.Names, columns);
            return new(fields, [.. lines.Rows(fields)]);
        }
        var file = new DelimitedFile(path, encoding);
        var header = noHeader ? ByPlace(file.FirstRow.Length) : Header(path, file.FirstRow, columns);
        return new(header, [.. file.Rows(skipFirst: !noHeader).Select(row => Row(path, row.Line, row.Fields, header))]);
    }

    /// <summary>The rows as ML.NET sees them: texts, or vectors of texts if there are several of a kind.</summary>
    public IDataView Load(MLContext mlContext)
    {
        if (_positives <= 1 && _negatives <= 1)
        {
            return mlContext.Data.LoadFromEnumerable(_rows.Select(row => new TripletRow
            {
                Anchor = row.Anchor,
                Positive = row.Positives.FirstOrDefault(""),
                Negative = row.Negatives.FirstOrDefault(""),
            }));
        }
        var schema = SchemaDefinition.Create(typeof(SeveralTextsRow));
        schema[nameof(SeveralTextsRow.Positive)].ColumnType = new VectorDataViewType(TextDataViewType.Instance, _positives);
        if (HasNegative)
            schema[nameof(SeveralTextsRow.Negative)].ColumnType = new VectorDataViewType(TextDataViewType.Instance, _negatives);
        else schema.RemoveAll(column => column.ColumnName == nameof(SeveralTextsRow.Negative));
        return mlContext.Data.LoadFromEnumerable(_rows.Select(row => new SeveralTextsRow
        {
            Anchor = row.Anchor,
            Positive = Filled(row.Positives, _positives),
            Negative = Filled(row.Negatives, _negatives),
        }), schema);
    }

    private static string[] Filled(IReadOnlyList<string> texts, int count) => [.. texts, .. Enumerable.Repeat("", count - texts.Count)];

    private static TripletHeader ByPlace(int columns)
    {
        string[] names = [.. Enumerable.Range(1, columns).Select(number => $"column {number}")];
        return new(names, 0, columns > 1 ? [1] : [], columns > 2 ? [2] : []);
    }

    private static TripletHeader Header(string path, IReadOnlyList<string> names, IReadOnlyList<string> columns)
    {
        if (columns.Count > 0)
        {
            int[] places = [.. columns.Select(name => ColumnChoice.Require(names, path, name))];
            return new(names, places[0], places.Length > 1 ? [places[1]] : [], [.. places.Skip(2)]);
        }
        var header = TripletHeader.Of(names);
        string start = $"The first row of '{path}' ({ColumnChoice.Words(names)})";
        if (header.Anchor < 0)
            throw new InvalidDataException($"{start} names no anchor column ({TripletHeader.AnchorWords}). Name the columns with "
                + "--columns, or give --no-header if the first row is data.");
        // Anchors alone are another kind of training; a misspelt name must not choose it.
        if (header.Positives.Count == 0 && names.Count > 1)
            throw new InvalidDataException($"{start} names no positive column ({TripletHeader.PositiveWords}). "
                + $"Name the columns with --columns, or give --columns {names[header.Anchor].Trim()} to train on that one alone.");
        if (header.Trouble is { } trouble) throw new InvalidDataException($"{start} leaves doubt: {trouble}. Say with --columns "
            + "anchor,positive,negative which columns to take.");
        return header;
    }

    private static TripletTexts Row(string path, int line, string[] fields, TripletHeader header)
    {
        foreach (int place in header.Positives.Concat(header.Negatives))
        {
            if (fields[place] is ['[', '"' or '\'', .., ']'])
                throw new InvalidDataException($"Line {line} of '{path}' holds a list in the column '{header.Names[place].Trim()}': "
                    + "give a column for each text, or write the rows as .jsonl.");
        }
        return TripletTexts.Of(fields[header.Anchor], header.Positives.Select(place => fields[place]),
            header.Negatives.Select(place => fields[place]));
    }

    private static string Words(TripletHeader header)
    {
        string Role(string name, IReadOnlyList<int> places) => places.Count == 0 ? ""
            : $", {name}{(places.Count > 1 ? "s" : "")} {ColumnChoice.Words(places.Select(place => header.Names[place]))}";
        return $"anchor '{header.Names[header.Anchor].Trim()}'{Role("positive", header.Positives)}"
            + $"{Role("hard negative", header.Negatives)}{ColumnChoice.NotRead([.. header.Unread])}";
    }
}
