namespace SynCse.Samples;

/// <summary>Which language model is asked.</summary>
/// <param name="Kind">Who runs it.</param>
/// <param name="Endpoint">Its address; null: the provider's own.</param>
/// <param name="Model">The model's name, or the deployment's.</param>
/// <param name="RequestTimeout">After this time the synthesizer gives a request up.</param>
internal sealed record ProviderChoice(ProviderKind Kind, Uri? Endpoint, string Model, TimeSpan RequestTimeout)
{
    private const string OpenAIHost = "openai.com";

    /// <summary>A little more than the request's time, so that the synthesizer's clock decides, not the client's.</summary>
    public TimeSpan NetworkTimeout => RequestTimeout + TimeSpan.FromSeconds(30);

    /// <summary>The environment variable that holds the key; null: none is needed.</summary>
    public string? KeyVariable => Kind switch
    {
        ProviderKind.OpenAI => "OPENAI_API_KEY",
        ProviderKind.Azure => "AZURE_OPENAI_API_KEY",
        _ => null,
    };

    /// <summary>Whether the provider does without a key: Ollama, or a server of one's own that speaks OpenAI's chat completions.</summary>
    public bool KeyIsOptional
        => KeyVariable is null || (Kind == ProviderKind.OpenAI && Endpoint is not null && !IsOf(Endpoint, OpenAIHost));

    private static bool IsOf(Uri address, string domain)
        => address.Host.Equals(domain, StringComparison.OrdinalIgnoreCase)
            || address.Host.EndsWith('.' + domain, StringComparison.OrdinalIgnoreCase);
}
