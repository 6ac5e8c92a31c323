namespace Microsoft.ML.SynCse.Tests;

/// <summary>Sentences out of nothing, for requests that name a genre and topics.</summary>
internal static class ScratchSentences
{
    private static readonly string[] _verbs =
    [
        "praised", "sold", "repaired", "described", "forgot", "measured",
        "painted", "carried", "examined", "dropped", "hid", "borrowed",
    ];
    private static readonly string[] _adjectives =
    [
        "old", "quiet", "broken", "expensive", "green", "narrow",
        "famous", "heavy", "strange", "new", "simple", "late",
    ];
    private static readonly string[] _nouns =
    [
        "bridge", "letter", "engine", "garden", "camera", "window",
        "contract", "recipe", "bicycle", "river", "lesson", "market",
    ];
    private static readonly string[] _times =
    [
        "this morning", "last winter", "before noon", "after the meeting",
        "on Sunday", "during the storm", "in the evening", "years ago",
    ];

    /// <summary>Makes sentences; which ones depends on the request's text alone.</summary>
    /// <param name="request">All of the user message.</param>
    /// <param name="topics">The topics, used in turn.</param>
    /// <param name="count">How many.</param>
    /// <param name="duplicates">
    /// The share that repeats a sentence: half of them one of this answer, half one that every request's answer may have.
    /// </param>
    /// <param name="nearDuplicates">The share that differs from an earlier sentence of this answer by its end.</param>
    public static string[] Of(string request, IReadOnlyList<string> topics, int count, double duplicates, double nearDuplicates)
    {
        var random = StableRandom.For(request);
        string[] sentences = new string[count];
        for (int i = 0; i < count; i++)
        {
            double draw = random.NextDouble();
            sentences[i] = i == 0 || draw >= duplicates + nearDuplicates
                ? Fresh(random, topics.Count == 0 ? "nothing" : topics[i % topics.Count])
                : draw >= duplicates ? NearlyAs(sentences[random.Next(i)])
                : draw < duplicates / 2 ? Fresh(StableRandom.For("stock", $"{random.Next(8)}"), "the weather")
                : sentences[random.Next(i)];
        }
        return sentences;
    }

    private static string Fresh(StableRandom random, string topic)
    {
        string name = WritingSystem.Of("a").Word(random, 8);
        return $"{char.ToUpperInvariant(name[0])}{name[1..]} {random.Pick<string>(_verbs)} the {random.Pick<string>(_adjectives)} "
            + $"{random.Pick<string>(_nouns)} "
            + $"{random.Pick<string>(_times)}, and the {random.Pick<string>(_nouns)} about {topic} was {random.Pick<string>(_adjectives)}.";
    }

    private static string NearlyAs(string sentence) => sentence.EndsWith('.') ? sentence[..^1] + " again." : sentence + ".";
}
