using Microsoft.ML;
using Microsoft.ML.Data;

namespace SynCse.Samples;

/// <summary>The fields of a CSV file (RFC 4180) or a TSV file (no quoting), read by ML.NET's text loader.</summary>
internal sealed class DelimitedFile
{
    private readonly MLContext _mlContext;
    private readonly bool _isCsv;

    /// <param name="mlContext">The context.</param>
    /// <param name="path">A file that ends in .csv, or in .tsv, .tab or .txt.</param>
    public DelimitedFile(MLContext mlContext, string path)
    {
        (_mlContext, FilePath) = (mlContext, path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.");
        _isCsv = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => true,
            ".tsv" or ".tab" or ".txt" => false,
            var other => throw new InvalidDataException($"'{path}' ends in '{other}': a file with commas must end in .csv, one with tabs in .tsv."),
        };
        FirstRow = Read(fields: null, skipFirst: false).FirstOrDefault() ?? throw new InvalidDataException($"'{path}' is empty.");
    }

    public string FilePath { get; }

    /// <summary>The fields of the first row, a header or not.</summary>
    public string[] FirstRow { get; }

    /// <summary>All rows, each with as many fields as the first; missing ones are empty.</summary>
    /// <exception cref="InvalidDataException">A row of a CSV file has more fields: most likely a text with a comma that is not quoted.</exception>
    public IEnumerable<string[]> Rows(bool skipFirst)
    {
        int width = FirstRow.Length, number = 0;
        foreach (var row in Read(width + 1, skipFirst))
        {
            number++;
            if (_isCsv && row[width].Length > 0)
                throw new InvalidDataException($"Data row {number} of '{FilePath}' has more than the {width} fields of the first row: put a text that holds commas in double quotes.");
            yield return row[..width];
        }
    }

    private IEnumerable<string[]> Read(int? fields, bool skipFirst)
    {
        var range = fields is { } count ? new TextLoader.Range(0, count - 1) : new TextLoader.Range(0, null);
        var loader = _mlContext.Data.CreateTextLoader(new TextLoader.Options
        {
            Columns = [new TextLoader.Column("Fields", DataKind.String, [range])],
            Separators = [_isCsv ? ',' : '\t'],
            HasHeader = skipFirst,
            AllowQuoting = _isCsv,
            ReadMultilines = _isCsv,
            UseThreads = false,
        }, new MultiFileSource(FilePath));
        var data = loader.Load(new MultiFileSource(FilePath));
        using var cursor = data.GetRowCursor(data.Schema);
        var read = cursor.GetGetter<VBuffer<ReadOnlyMemory<char>>>(data.Schema["Fields"]);
        VBuffer<ReadOnlyMemory<char>> values = default;
        while (cursor.MoveNext())
        {
            read(ref values);
            yield return [.. values.DenseValues().Select(field => field.ToString())];
        }
    }
}
