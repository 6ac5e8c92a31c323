namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>What was drawn for a request: a prompt and solved examples that fit it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Exemplars">The examples, in the order they are shown.</param>
internal sealed record DrawnTask(SynthesisPrompt Prompt, IReadOnlyList<SynthesisExemplar> Exemplars)
{
    /// <summary>What the examples answer.</summary>
    public IReadOnlyList<string> Answers => [.. Exemplars.Select(e => e.Rewrite)];
}
