using System.Text.Encodings.Web;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>What stands in user and assistant messages: sentences as JSON data, so that a model can tell them from instructions; letters of all scripts stay as they are.</summary>
internal static class MessageText
{
    private static readonly MessageJson Readable = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

    /// <summary>One sentence, as it is given and as it is answered.</summary>
    public static string Sentence(string sentence) => JsonSerializer.Serialize(new OneSentence(sentence), Readable.OneSentence);

    /// <summary>Several sentences, numbered from 1.</summary>
    public static string Sentences(IReadOnlyList<string> sentences)
        => JsonSerializer.Serialize(new SeveralSentences([.. sentences.Select((s, i) => new NumberedSentence(i + 1, s))]), Readable.SeveralSentences);

    /// <summary>What a list of sentences is asked to be.</summary>
    public static string List(int count, string genre, IReadOnlyList<string> topics) => JsonSerializer.Serialize(new SentenceList(count, genre, topics), Readable.SentenceList);

    /// <summary>Two sentences to compare.</summary>
    public static string Pair(string first, string second) => JsonSerializer.Serialize(new SentencePair(first, second), Readable.SentencePair);

    /// <summary>A text in quotes.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, Readable.String);

    internal sealed record OneSentence(string Sentence);

    internal sealed record NumberedSentence(int Id, string Sentence);

    internal sealed record SeveralSentences(IReadOnlyList<NumberedSentence> Sentences);

    internal sealed record SentenceList(int Count, string Genre, IReadOnlyList<string> Topics);

    internal sealed record SentencePair(string First, string Second);
}
