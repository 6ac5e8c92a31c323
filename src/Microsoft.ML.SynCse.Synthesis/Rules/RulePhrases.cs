using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>What the rules look for, in several languages: data in <c>phrases.json</c>.</summary>
internal sealed record RulePhrases
{
    private static readonly Lazy<RulePhrases> Embedded = new(Read);

    /// <summary>The phrases that come with the package.</summary>
    public static RulePhrases Default => Embedded.Value;

    /// <summary>What stands before a colon, in front of the answer.</summary>
    public required string[] Labels { get; init; }

    /// <summary>What stands where there is no answer.</summary>
    public required string[] Placeholders { get; init; }

    /// <summary>What refusals hold and no user says.</summary>
    public required string[] Refusals { get; init; }

    /// <summary>How an apology begins, a model's or a user's.</summary>
    public required string[] Apologies { get; init; }

    /// <summary>How somebody says that something is impossible, a model or a user.</summary>
    public required string[] Inabilities { get; init; }

    /// <summary>What tells a model's apology or inability from a user's: words about the task.</summary>
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

    /// <summary>Who or what comes next where a model goes on with the conversation or the examples; in capitals as written.</summary>
    public required string[] Turns { get; init; }

    /// <summary>What is left of markup, JSON and chat templates.</summary>
    public required string[] Debris { get; init; }

    private static RulePhrases Read()
    {
        const string Name = "Synthesis/phrases.json";
        using var stream = typeof(RulePhrases).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"The assembly lacks its resource '{Name}'.");
        return JsonSerializer.Deserialize(stream, RulePhrasesJson.Default.RulePhrases)!;
    }
}
