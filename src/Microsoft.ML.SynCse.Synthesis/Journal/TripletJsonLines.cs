using System.Text.Json;
using Microsoft.ML.SynCse.Core.Files;

namespace Microsoft.ML.SynCse.Synthesis.Journal;

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
