using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace Microsoft.ML.SynCse;

/// <summary>CSV as RFC 4180 has it: anchor, its positives, its hard negatives, and genre and topic where there are any.</summary>
internal sealed class TripletCsv : TripletFileFormat
{
    private const string Anchor = "anchor", Positive = "positive", Negative = "negative", Genre = "genre", Topic = "topic";

    /// <inheritdoc/>
    public override async Task<long> WriteAsync(Stream stream, IAsyncEnumerable<SynthesisOutcome> outcomes)
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        await using var csv = new CsvWriter(writer, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" });
        long count = 0;
        var (positives, negatives, genres) = (1, 1, false);
        await foreach (var outcome in outcomes.ConfigureAwait(false))
        {
            var example = outcome.Example!;
            if (count++ == 0) Header(positives = example.Positives.Count, negatives = example.Negatives.Count, genres = outcome.Genre is not null);
            if (example.Positives.Count != positives || example.Negatives.Count != negatives)
                throw new InvalidDataException($"The journal's sentences do not all have as many texts ({positives} and {negatives}, {example.Positives.Count} and {example.Negatives.Count}), so they do not fit into the columns of one CSV file; export to .jsonl.");
            Row([example.Anchor, .. example.Positives, .. example.Negatives, .. genres ? new[] { outcome.Genre ?? "", outcome.Topic ?? "" } : []]);
        }
        if (count == 0) Header(positives, negatives, genres);
        return count;

        void Header(int positives, int negatives, bool genres) => Row([Anchor, .. Names(Positive, positives), .. Names(Negative, negatives), .. genres ? new[] { Genre, Topic } : []]);

        void Row(IReadOnlyList<string> fields)
        {
            foreach (var field in fields) csv.WriteField(field);
            csv.NextRecord();
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<TripletLine> Read(string file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        using var parser = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = bad => throw Bad(file, bad.Context.Parser!.RawRow, "it has a double quote where none may stand", null),
        });
        if (!parser.Read()) throw new InvalidDataException($"'{file}' is empty; its first line should name the columns anchor, positive, negative.");
        string[] header = [.. parser.Record!.Select(name => name.Trim().ToLowerInvariant())];
        int anchor = Array.IndexOf(header, Anchor), genre = Array.IndexOf(header, Genre), topic = Array.IndexOf(header, Topic);
        int[] positives = Columns(header, Positive), negatives = Columns(header, Negative);
        if (anchor < 0 || positives.Length == 0) throw new InvalidDataException($"The first line of '{file}' must name the columns anchor and positive (or positive_1, positive_2 and so on); it names {string.Join(", ", header)}.");
        while (parser.Read())
        {
            var fields = parser.Record!;
            if (fields.Length != header.Length) throw Bad(file, parser.RawRow, $"it has {fields.Length} fields where the first line has {header.Length}", null);
            yield return Checked(new TripletLine
            {
                Anchor = fields[anchor],
                Positives = [.. positives.Select(i => fields[i])],
                Negatives = [.. negatives.Select(i => fields[i])],
                Genre = Given(genre),
                Topic = Given(topic),
            }, file, parser.RawRow);

            string? Given(int column) => column >= 0 && fields[column].Length > 0 ? fields[column] : null;
        }
    }

    private static IEnumerable<string> Names(string role, int count) => count == 1 ? [role] : Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"{role}_{i}"));

    private static int[] Columns(string[] header, string role) => [.. Enumerable.Range(0, header.Length).Where(i => header[i] == role || header[i].StartsWith(role + "_", StringComparison.Ordinal))];
}
