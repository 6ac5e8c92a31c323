namespace Microsoft.ML.SynCse;

/// <summary>What a language model is told to write one kind of sentence.</summary>
public sealed record RolePrompts
{
    /// <summary>The tasks; each sentence gets one of them.</summary>
    public required IReadOnlyList<SynthesisPrompt> Prompts { get; init; }

    /// <summary>Solved examples; each request shows a few that fit its task.</summary>
    public required IReadOnlyList<SynthesisExemplar> Exemplars { get; init; }

    /// <summary>Whether some exemplars are for sentences of one language.</summary>
    internal bool HasLanguages => Exemplars.Any(e => e.Language is not null);
}
