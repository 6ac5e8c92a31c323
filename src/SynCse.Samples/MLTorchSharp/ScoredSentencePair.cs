using Microsoft.ML.Data;

namespace SynCse.Samples;

/// <summary>A row for a trainer that regresses the likeness of two sentences, under SentenceSimilarity's own names of columns.</summary>
internal sealed class ScoredSentencePair
{
    private const float Alike = 5, Unlike = 1;                          // the hard negative shares its subject with the anchor, hence not 0

    [LoadColumn(0)]
    public float Label { get; set; }

    [LoadColumn(1)]
    public string Sentence1 { get; set; } = "";

    [LoadColumn(2)]
    public string Sentence2 { get; set; } = "";

    /// <summary>A pair for each text of a triplet: the anchor with each of its positives, and with each of its hard negatives.</summary>
    /// <exception cref="InvalidDataException">The rows have no positive.</exception>
    public static IEnumerable<ScoredSentencePair> FromTriplets(TripletFile file)
    {
        if (!file.HasPositive)
            throw new InvalidDataException("The triplets have no positive column: a score is of two sentences. Name it with --columns.");
        foreach (var row in file.Rows)
        {
            foreach (string text in row.Positives) yield return new() { Label = Alike, Sentence1 = OneLine(row.Anchor),
                Sentence2 = OneLine(text) };
            foreach (string text in row.Negatives) yield return new() { Label = Unlike, Sentence1 = OneLine(row.Anchor),
                Sentence2 = OneLine(text) };
        }
    }

    // ML.NET's text loader reads a row from a line.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
