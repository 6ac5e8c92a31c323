namespace SynCse.Samples;

/// <summary>Who runs the language model.</summary>
internal enum ProviderKind
{
    /// <summary>OpenAI, or any server that speaks its chat completions.</summary>
    OpenAI,

    /// <summary>Azure OpenAI; the model is the deployment's name.</summary>
    Azure,

    /// <summary>A local Ollama.</summary>
    Ollama,
}
