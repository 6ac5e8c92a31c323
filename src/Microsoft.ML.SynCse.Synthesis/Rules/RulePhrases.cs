using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>What the rules look for, in several languages: data in <c>phrases.json</c>.</summary>
internal sealed record RulePhrases
{
    private static readonly Lazy<RulePhrases> _embedded = new(Read);

    /// <summary>The phrases that come with the package.</summary>
    public static RulePhrases Default => _embedded.Value;

    /// <summary>What stands before a colon, in front of the answer.</summary>
    public required string[] Labels { get; init; }

    /// <summary>What stands in the place of an answer.</summary>
    public required string[] Placeholders { get; init; }

    /// <summary>What refusals hold and no user says.</summary>
    public required string[] Refusals { get; init; }

    /// <summary>How an apology begins, a model's or a user's.</summary>
    public required string[] Apologies { get; init; }

    /// <summary>How a model or a user says that something is impossible.</summary>
    public required string[] Inabilities { get; init; }

    /// <summary>Words about the task: they are in a model's apology or inability, and not in a user's.</summary>
    public required string[] RequestWords { get; init; }

    /// <summary>What a model says that it cannot do for the one who asks.</summary>
    public required string[] TaskVerbs { get; init; }

    /// <summary>Words that are in all kinds of texts and in refusals: two texts that share them share nothing.</summary>
    public required string[] SmallWords { get; init; }

    /// <summary>Words about the task and the text itself, which hardly a user writes about.</summary>
    public required string[] TaskWords { get; init; }

    /// <summary>What an anchor holds that an apology may follow from.</summary>
    public required string[] Negations { get; init; }

    /// <summary>How words before the answer begin, and sentences of users too.</summary>
    public required string[] Preambles { get; init; }

    /// <summary>How words about the answer begin, and hardly a sentence of a user.</summary>
    public required string[] Announcements { get; init; }

    /// <summary>What an answer is called in words before it.</summary>
    public required string[] AnswerWords { get; init; }

    /// <summary>What is the user's own, and so no announcement.</summary>
    public required string[] OwnWords { get; init; }

    /// <summary>What words about the answer hold.</summary>
    public required string[] Explanations { get; init; }

    /// <summary>What a question about the task holds.</summary>
    public required string[] TaskQuestions { get; init; }

    /// <summary>Who or what comes next if a model goes on with the conversation or the examples; in capitals as written.</summary>
    public required string[] Turns { get; init; }

    /// <summary>What is left of markup, JSON and chat templates.</summary>
    public required string[] Debris { get; init; }

    private static RulePhrases Read()
    {
        const string Name = "Synthesis/phrases.json";
        using var stream = typeof(RulePhrases).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource '{Name}'.");
        return JsonSerializer.Deserialize(stream, RulePhrasesJson.Default.RulePhrases)!;
    }
}

/// <summary>The JSON of <see cref="RulePhrases"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RulePhrases))]
internal sealed partial class RulePhrasesJson : JsonSerializerContext;

/// <summary>Phrases to look for, letter case and the kind of apostrophe left aside; linear in the text's length.</summary>
/// <remarks>
/// By a hash of their first two characters: hundreds of phrases cost a text one look at each of its places, on every runtime (SearchValues
/// of strings, from .NET 9, was no faster).
/// </remarks>
internal sealed class PhraseSet
{
    // A power of two, many times the phrases.
    private const int Buckets = 4096;

    private readonly string[] _phrases;
    private readonly string[]?[] _byPair = new string[Buckets][];

    public PhraseSet(IEnumerable<string> phrases)
    {
        _phrases = [.. phrases.SelectMany(Spellings).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (_phrases.FirstOrDefault(p => p.Length < 2) is { } shorter)
            throw new ArgumentException($"The phrase '{shorter}' has less than two characters.", nameof(phrases));
        foreach (var group in _phrases.GroupBy(p => Pair(p[0], p[1]))) _byPair[group.Key] = [.. group];
    }

    /// <summary>Whether the text holds one of them that the anchor does not hold: what the anchor says, an answer may say.</summary>
    public bool AreIn(ReadOnlySpan<char> text, ReadOnlySpan<char> anchor)
    {
        // Nearly every text holds none, and one pass shows that.
        if (!AreIn(text)) return false;
        foreach (string phrase in _phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase) && !anchor.Contains(phrase, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Whether the text holds one of them.</summary>
    public bool AreIn(ReadOnlySpan<char> text)
    {
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (LengthAt(text[i..]) > 0) return true;
        }
        return false;
    }

    /// <summary>
    /// How many characters of the text, with quotes and blanks before it, one of them takes at its beginning; 0 if none does.
    /// </summary>
    public int Begins(ReadOnlySpan<char> text)
    {
        var start = text.TrimStart(" \t\r\n\"'“”„«»‘’*_-–—>¡¿");
        return LengthAt(start) is > 0 and int length ? text.Length - start.Length + length : 0;
    }

    private int LengthAt(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || _byPair[Pair(text[0], text[1])] is not { } phrases) return 0;
        foreach (string phrase in phrases)
        {
            if (text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)) return phrase.Length;
        }
        return 0;
    }

    private static int Pair(char first, char second)
        => ((char.ToUpperInvariant(first) * 31) + char.ToUpperInvariant(second)) & (Buckets - 1);

    private static IEnumerable<string> Spellings(string phrase) => phrase.Contains('\'') ? [phrase, phrase.Replace('\'', '’')] : [phrase];
}
