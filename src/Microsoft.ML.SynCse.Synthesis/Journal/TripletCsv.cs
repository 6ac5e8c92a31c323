using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

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
        var rows = new DelimitedFile(file);
        var header = TripletHeader.Of(rows.FirstRow);
        if (header.Anchor < 0 || header.Positives.Count == 0 || header.Trouble is not null)
            throw new InvalidDataException($"The first line of '{file}' must name the columns anchor and positive (or positive_1, "
                + "positive_2 and so on)"
                + $"{(header.Trouble is { } trouble ? $", and {trouble}" : "")}; it names {rows.FirstRowWords}.");
        int genre = Column(rows.FirstRow, Genre), topic = Column(rows.FirstRow, Topic);
        foreach (var (line, fields) in rows.Rows(skipFirst: true))
        {
            yield return Checked(new TripletLine
            {
                Anchor = fields[header.Anchor],
                Positives = [.. header.Positives.Select(i => fields[i])],
                Negatives = [.. header.Negatives.Select(i => fields[i])],
                Genre = Given(genre),
                Topic = Given(topic),
            }, file, line);

            string? Given(int column) => column >= 0 && fields[column].Length > 0 ? fields[column] : null;
        }
    }

    private static IEnumerable<string> Names(string role, int count) => count == 1 ? [role] : Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"{role}_{i}"));

    private static int Column(string[] header, string name) => Array.FindIndex(header, field => TripletHeader.Key(field) == name);
}
