using System.Text;
using Microsoft.ML.SynCse.Core.Files;

namespace SynCse.Samples;

/// <summary>The sentences to write triplets for, one at a time; empty ones are left out.</summary>
/// <param name="Total">How many there are; null for standard input, which can be read only once.</param>
/// <param name="ReadAsync">Reads them from the beginning.</param>
internal sealed record SentenceSource(long? Total, Func<CancellationToken, IAsyncEnumerable<string>> ReadAsync)
{
    /// <summary>Opens a file, and reads it once to count.</summary>
    /// <param name="path">A file with a sentence a line; a CSV or TSV file where a column is named; <c>-</c>: standard input.</param>
    /// <param name="column">The column; null: the lines.</param>
    /// <param name="encoding">The file's encoding; null: UTF-8, or what a byte order mark says.</param>
    /// <param name="cancellationToken">Ends the count.</param>
    /// <exception cref="InvalidDataException">There is no such column, a row is broken, or there is no sentence.</exception>
    public static async Task<SentenceSource> OpenAsync(string path, string? column, Encoding? encoding, CancellationToken cancellationToken)
    {
        var source = column is not null ? OfColumn(path, column, encoding) : OfLines(path, encoding);
        if (path == "-") return source;
        long total = await source.ReadAsync(cancellationToken).LongCountAsync(cancellationToken);
        return total > 0 ? source with { Total = total } : throw new InvalidDataException($"'{path}' holds no sentence.");
    }

    private static SentenceSource OfLines(string path, Encoding? encoding)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv" or ".tab")
            throw new ArgumentException($"'{path}' has columns: name the sentences' with --column. The first row is: "
                + $"{new DelimitedFile(path, encoding).FirstRowWords}.");
        return new(null, cancellationToken => Filled(TextLines.ReadAsync(path, encoding, cancellationToken)));
    }

    private static SentenceSource OfColumn(string path, string column, Encoding? encoding)
    {
        var file = new DelimitedFile(path, encoding);
        int place = ColumnChoice.Require(file, column);
        return new(null, _ => Filled(file.Rows(skipFirst: true).Select(row => row.Fields[place]).ToAsyncEnumerable()));
    }

    private static IAsyncEnumerable<string> Filled(IAsyncEnumerable<string> sentences)
        => sentences.Where(sentence => !string.IsNullOrWhiteSpace(sentence));
}
