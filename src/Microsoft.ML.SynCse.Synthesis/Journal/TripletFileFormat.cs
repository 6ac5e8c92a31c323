namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>Triplets in a file of their own.</summary>
internal abstract class TripletFileFormat
{
    /// <summary>The format that a file's name tells.</summary>
    /// <exception cref="ArgumentException">It tells none.</exception>
    public static TripletFileFormat Of(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".jsonl" => new TripletJsonLines(),
            ".csv" => new TripletCsv(),
            var other => throw new ArgumentException($"'{file}' ends in '{other}': triplets are kept in .jsonl or .csv files.", nameof(file)),
        };
    }

    /// <summary>Writes triplets as they come; returns how many.</summary>
    public abstract Task<long> WriteAsync(Stream stream, IAsyncEnumerable<SynthesisOutcome> outcomes);

    /// <summary>Reads triplets; an error names file and line.</summary>
    public abstract IEnumerable<TripletLine> Read(string file);

    /// <summary>Checks a triplet that was read.</summary>
    protected static TripletLine Checked(TripletLine line, string file, long number)
    {
        if (string.IsNullOrWhiteSpace(line.Anchor) || line.Positives is not { Count: > 0 } || line.Negatives is null || line.Positives.Concat(line.Negatives).Any(string.IsNullOrWhiteSpace))
            throw Bad(file, number, "it lacks an anchor or a positive, or one of its texts is empty", null);
        return line;
    }

    /// <summary>The one error of a line.</summary>
    protected static InvalidDataException Bad(string file, long number, string what, Exception? inner) => new($"Line {number} of '{file}' is no triplet: {what}.", inner);
}
