using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace SynCse.Samples;

/// <summary>The rows of a CSV file (RFC 4180) or a TSV file (no quoting), with errors that name the line.</summary>
/// <remarks>
/// Not ML.NET's text loader, which suits files of known make (the quickstart reads its own with it): that one skips lines that begin with two slashes,
/// trims texts and takes too few or too many fields without a word.
/// </remarks>
internal sealed class DelimitedFile
{
    private readonly bool _isCsv;

    /// <param name="path">A file that ends in .csv, or in .tsv, .tab or .txt.</param>
    public DelimitedFile(string path)
    {
        FilePath = path;
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.");
        _isCsv = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => true,
            ".tsv" or ".tab" or ".txt" => false,
            var other => throw new InvalidDataException($"'{path}' ends in '{other}': a file with commas must end in .csv, one with tabs in .tsv."),
        };
        FirstRow = Read(skipFirst: false).FirstOrDefault().Fields ?? throw new InvalidDataException($"'{path}' is empty.");
    }

    public string FilePath { get; }

    /// <summary>The fields of the first row, a header or not.</summary>
    public string[] FirstRow { get; }

    /// <summary>The first row's fields, for a message.</summary>
    public string FirstRowWords => string.Join(", ", FirstRow.Select(name => $"'{name}'"));

    /// <summary>All rows with the line each ends on.</summary>
    /// <param name="skipFirst">Whether the first row is a header.</param>
    /// <param name="atLeast">Fields that a row must have; null: as many as the first row has, neither fewer nor more.</param>
    /// <exception cref="InvalidDataException">A row has too few or too many fields, or its quotes are wrong.</exception>
    public IEnumerable<(int Line, string[] Fields)> Rows(bool skipFirst, int? atLeast = null)
    {
        foreach (var row in Read(skipFirst))
        {
            if (atLeast is { } least ? row.Fields.Length < least : row.Fields.Length != FirstRow.Length)
                throw new InvalidDataException($"Line {row.Line} of '{FilePath}' has {row.Fields.Length} fields where it should have {atLeast ?? FirstRow.Length}"
                    + (_isCsv ? ": put a text that holds commas in double quotes." : "."));
            yield return row;
        }
    }

    private IEnumerable<(int Line, string[] Fields)> Read(bool skipFirst)
    {
        using var reader = new StreamReader(FilePath);
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = _isCsv ? "," : "\t",
            Mode = _isCsv ? CsvMode.RFC4180 : CsvMode.NoEscape,
            BadDataFound = bad => throw new InvalidDataException($"Line {bad.Context.Parser!.RawRow} of '{FilePath}' has a double quote where none may stand: "
                + "put the whole field in double quotes and double those inside it."),
        });
        while (parser.Read())
        {
            if (skipFirst) skipFirst = false;
            else yield return (parser.RawRow, parser.Record!);
        }
    }
}
