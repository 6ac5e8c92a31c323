using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsvHelper;
using CsvHelper.Configuration;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>Triplets in a file of their own.</summary>
internal abstract class TripletFileFormat
{
    /// <summary>The format of a file, by the end of its name.</summary>
    /// <exception cref="ArgumentException">The name ends otherwise.</exception>
    public static TripletFileFormat Of(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".jsonl" => new TripletJsonLines(),
            ".csv" => new TripletCsv(),
            var other
                => throw new ArgumentException($"'{file}' ends in '{other}': triplets are kept in .jsonl or .csv files.", nameof(file)),
        };
    }

    /// <summary>Writes triplets as they come; returns how many.</summary>
    public abstract Task<long> WriteAsync(Stream stream, IAsyncEnumerable<SynthesisOutcome> outcomes);

    /// <summary>Reads triplets; an error names file and line.</summary>
    public abstract IEnumerable<TripletLine> Read(string file);

    /// <summary>Checks a triplet that was read.</summary>
    protected static TripletLine Checked(TripletLine line, string file, long number)
    {
        if (string.IsNullOrWhiteSpace(line.Anchor) || line.Positives is not { Count: > 0 } || line.Negatives is null
            || line.Positives.Concat(line.Negatives).Any(string.IsNullOrWhiteSpace))
            throw Bad(file, number, "it lacks an anchor or a positive, or one of its texts is empty", null);
        return line;
    }

    /// <summary>The one error of a line.</summary>
    protected static InvalidDataException Bad(string file, long number, string what, Exception? inner)
        => new($"Line {number} of '{file}' is no triplet: {what}.", inner);
}

/// <summary>CSV as RFC 4180 has it: anchor, its positives, its hard negatives, and genre and topic if there are any.</summary>
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
            if (count++ == 0)
                Header(positives = example.Positives.Count, negatives = example.Negatives.Count, genres = outcome.Genre is not null);
            if (example.Positives.Count != positives || example.Negatives.Count != negatives)
                throw new InvalidDataException(
                    $"The journal's sentences do not all have as many texts ({positives} and {negatives}, {example.Positives.Count} and "
                        + $"{example.Negatives.Count}), so they do not fit into the columns of one CSV file; export to .jsonl.");
            Row([example.Anchor, .. example.Positives, .. example.Negatives, .. genres ? new[] { outcome.Genre ?? "", outcome.Topic ?? "" }
                : []]);
        }
        if (count == 0) Header(positives, negatives, genres);
        return count;

        void Header(int positives, int negatives, bool genres)
            => Row([Anchor, .. Names(Positive, positives), .. Names(Negative, negatives), .. genres ? new[] { Genre, Topic } : []]);

        void Row(IReadOnlyList<string> fields)
        {
            foreach (string field in fields) csv.WriteField(field);
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

    private static IEnumerable<string> Names(string role, int count)
        => count == 1 ? [role] : Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"{role}_{i}"));

    private static int Column(string[] header, string name) => Array.FindIndex(header, field => TripletHeader.Key(field) == name);
}

/// <summary>One JSON object a line.</summary>
internal sealed class TripletJsonLines : TripletFileFormat
{
    /// <inheritdoc/>
    public override async Task<long> WriteAsync(Stream stream, IAsyncEnumerable<SynthesisOutcome> outcomes)
    {
        long count = 0;
        await foreach (var outcome in outcomes.ConfigureAwait(false))
        {
            var example = outcome.Example!;
            JsonSerializer.Serialize(stream, new TripletLine
            {
                Anchor = example.Anchor,
                Positives = example.Positives,
                Negatives = example.Negatives,
                Scores = outcome.Scores,
                Genre = outcome.Genre,
                Topic = outcome.Topic,
            }, OutcomeJson.Readable.TripletLine);
            stream.WriteByte((byte)'\n');
            count++;
        }
        return count;
    }

    /// <inheritdoc/>
    public override IEnumerable<TripletLine> Read(string file)
    {
        foreach (var (number, line) in TextFile.Lines(file))
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            yield return Checked(Parse(line, file, number), file, number);
        }
    }

    private static TripletLine Parse(string line, string file, long number)
    {
        try
        {
            return JsonSerializer.Deserialize(line, OutcomeJson.Readable.TripletLine) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw Bad(file, number, error.Message.TrimEnd('.'), error);
        }
    }
}

/// <summary>One line of an exported JSONL file.</summary>
internal sealed record TripletLine
{
    [JsonPropertyName("anchor")]
    public required string Anchor { get; init; }

    [JsonPropertyName("positives")]
    public required IReadOnlyList<string> Positives { get; init; }

    [JsonPropertyName("negatives")]
    public required IReadOnlyList<string> Negatives { get; init; }

    [JsonPropertyName("scores"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    [JsonPropertyName("genre"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Genre { get; init; }

    [JsonPropertyName("topic"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }
}
