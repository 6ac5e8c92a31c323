using System.Text.Json;

namespace Microsoft.ML.SynCse;

/// <summary>What the rules look for, in several languages: data in <c>phrases.json</c>.</summary>
internal sealed record RulePhrases
{
    private static readonly Lazy<RulePhrases> Embedded = new(Read);

    /// <summary>The phrases that come with the package.</summary>
    public static RulePhrases Default => Embedded.Value;

    /// <summary>What stands before a colon, in front of the answer.</summary>
    public required string[] Labels { get; init; }

    /// <summary>How a refusal begins.</summary>
    public required string[] Refusals { get; init; }

    /// <summary>How words about the answer begin.</summary>
    public required string[] Preambles { get; init; }

    /// <summary>What words about the answer hold.</summary>
    public required string[] Explanations { get; init; }

    /// <summary>What a question about the task holds.</summary>
    public required string[] TaskQuestions { get; init; }

    /// <summary>What the task is about, as nobody's own sentences are.</summary>
    public required string[] SentenceWords { get; init; }

    /// <summary>What is left of markup, JSON and chat templates.</summary>
    public required string[] Debris { get; init; }

    private static RulePhrases Read()
    {
        const string Name = "Synthesis/phrases.json";
        using var stream = typeof(RulePhrases).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"The assembly lacks its resource '{Name}'.");
        return JsonSerializer.Deserialize(stream, RulePhrasesJson.Default.RulePhrases)!;
    }
}
