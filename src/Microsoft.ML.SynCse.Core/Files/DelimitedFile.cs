using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// The rows of a CSV file (RFC 4180; commas, or what <see cref="FieldSeparator"/> finds) or a TSV file (no quoting), with errors that name
/// the line.
/// </summary>
/// <remarks>
/// Not ML.NET's text loader, which suits files of known make (the quickstart reads its own with it): that one skips lines that begin with
/// two slashes, trims texts and takes too few or too many fields without a word.
/// </remarks>
internal sealed class DelimitedFile
{
    // Enough to tell what separates the fields.
    private const int RowsLookedAt = 50;

    private readonly Encoding? _encoding;
    private readonly bool _isCsv, _namesSeparator;

    /// <param name="path">A file that ends in .csv, or in .tsv, .tab or .txt.</param>
    /// <param name="encoding">Its encoding where it has no byte order mark; null: UTF-8.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It ends otherwise, is empty, or holds bytes that are none of its encoding.</exception>
    public DelimitedFile(string path, Encoding? encoding = null)
    {
        (FilePath, _encoding) = (path, encoding);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.", path);
        _isCsv = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => true,
            ".tsv" or ".tab" or ".txt" => false,
            var other => throw new InvalidDataException($"'{path}' ends in '{other}': a file with commas must end in .csv, one with "
                + "tabs in .tsv."),
        };
        using (var reader = TextFile.Open(path, encoding))
            (_namesSeparator, Separator) = FieldSeparator.Named(reader.ReadLine()) is { } named ? (true, named)
                : (false, _isCsv ? ',' : '\t');
        if (_isCsv && !_namesSeparator)
        {
            Separator = FieldSeparator.Find(candidate =>
                [.. Read(candidate, skipFirst: false).Take(RowsLookedAt).Select(row => row.Fields.Length)]);
        }
        FirstRow = Read(Separator, skipFirst: false).FirstOrDefault().Fields ?? throw new InvalidDataException($"'{path}' is empty.");
    }

    public string FilePath { get; }

    /// <summary>What stands between two fields.</summary>
    public char Separator { get; }

    /// <summary>The fields of the first row, a header or not.</summary>
    public string[] FirstRow { get; }

    /// <summary>The first row's fields, for a message.</summary>
    public string FirstRowWords => string.Join(", ", FirstRow.Select(name => $"'{name}'"));

    /// <summary>All rows with the line each ends on.</summary>
    /// <param name="skipFirst">Whether the first row is a header.</param>
    /// <param name="atLeast">
    /// Fields that a row of a TSV file must have; null, and in a CSV file: as many as the first row has, neither fewer nor more.
    /// </param>
    /// <exception cref="InvalidDataException">A row has too few or too many fields, or its quotes are wrong.</exception>
    public IEnumerable<(int Line, string[] Fields)> Rows(bool skipFirst, int? atLeast = null)
    {
        // More fields than the first row's are half a text where a comma stands between fields.
        int? least = _isCsv && atLeast <= FirstRow.Length ? null : atLeast;
        foreach (var row in Read(Separator, skipFirst))
        {
            if (least is { } fewest ? row.Fields.Length < fewest : row.Fields.Length != FirstRow.Length)
                throw new InvalidDataException($"Line {row.Line} of '{FilePath}' has {row.Fields.Length} fields where it should have "
                    + $"{least ?? FirstRow.Length}"
                    + (_isCsv ? $": put a text that holds {FieldSeparator.Words(Separator)} in double quotes." : "."));
            yield return row;
        }
    }

    private IEnumerable<(int Line, string[] Fields)> Read(char separator, bool skipFirst)
    {
        using var reader = TextFile.Open(FilePath, _encoding);
        if (_namesSeparator) reader.ReadLine();
        int linesBefore = _namesSeparator ? 1 : 0;
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator.ToString(),
            Mode = _isCsv ? CsvMode.RFC4180 : CsvMode.NoEscape,
            BadDataFound = bad => throw new InvalidDataException($"Line {linesBefore + bad.Context.Parser!.RawRow} of '{FilePath}' has "
                + "a double quote where none may stand: "
                + "put the whole field in double quotes and double those inside it."),
        });
        while (parser.Read())
        {
            if (skipFirst) skipFirst = false;
            else yield return (linesBefore + parser.RawRow, parser.Record!);
        }
    }
}

/// <summary>What stands between the fields of a .csv file: commas, or what Excel writes where the comma is the decimal sign.</summary>
internal static class FieldSeparator
{
    // In the order of trust: a comma that fits is taken, even if others fit too.
    private static readonly char[] _known = [',', ';', '\t', '|'];

    /// <summary>The separator that a first line such as <c>sep=;</c> names, as Excel reads it; null: the line is none.</summary>
    public static char? Named(string? line)
    {
        // A program that quotes every field quotes this one too.
        string? words = line is ['"', .. var inside, '"'] ? inside : line;
        return words is { Length: 5 } && words.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? words[4] : null;
    }

    /// <summary>The first separator that gives every row the same number of fields, two or more; a comma if no separator does.</summary>
    /// <param name="fields">The numbers of fields of the first rows with a separator.</param>
    public static char Find(Func<char, IReadOnlyList<int>> fields)
    {
        foreach (char separator in _known)
        {
            if (Fits(fields, separator)) return separator;
        }
        return ',';
    }

    /// <summary>The separator in a sentence.</summary>
    public static string Words(char separator) => separator switch
    {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "vertical bars",
        var other => $"'{other}'",
    };

    private static bool Fits(Func<char, IReadOnlyList<int>> fields, char separator)
    {
        try
        {
            var counts = fields(separator);
            return counts is [>= 2, ..] && counts.All(count => count == counts[0]);
        }
        catch (InvalidDataException)
        {
            // Quotes are read otherwise with another separator; with the right one they are read again, and an error then stands. Wrong
            // bytes are wrong with each.
            return false;
        }
    }
}
