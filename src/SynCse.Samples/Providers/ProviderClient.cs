using System.ClientModel;
using System.ClientModel.Primitives;
using Azure.AI.OpenAI;
using Microsoft.Extensions.AI;
using OllamaSharp;
using OpenAI;
using OpenAI.Chat;

namespace SynCse.Samples;

/// <summary>Makes the chat client of each provider, all of them without retries of their own.</summary>
/// <remarks>
/// The synthesizer alone repeats requests: it writes every one down before it leaves, and holds it against the limits. What a client
/// repeats by itself (OpenAI's and Azure's: three times by default) would be paid for and stand in no journal, no limit and no
/// report.
/// </remarks>
internal static class ProviderClient
{
    private static readonly Uri _ollamaAddress = new("http://localhost:11434");

    /// <summary>Makes a client; nothing is sent.</summary>
    /// <param name="choice">Which model.</param>
    /// <param name="key">The key, or a placeholder.</param>
    public static IChatClient Create(ProviderChoice choice, string key) => choice.Kind switch
    {
        ProviderKind.OpenAI => OpenAI(choice, key),
        ProviderKind.Azure => Azure(choice, key),
        _ => Ollama(choice),
    };

    private static IChatClient OpenAI(ProviderChoice choice, string key)
    {
        var options = new OpenAIClientOptions { RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = choice.NetworkTimeout };
        if (choice.Endpoint is not null) options.Endpoint = choice.Endpoint;
        return new ChatClient(choice.Model, new ApiKeyCredential(key), options).AsIChatClient();
    }

    private static IChatClient Azure(ProviderChoice choice, string key)
    {
        var options = new AzureOpenAIClientOptions { RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = choice.NetworkTimeout };
        return new AzureOpenAIClient(choice.Endpoint, new ApiKeyCredential(key), options).GetChatClient(choice.Model).AsIChatClient();
    }

    // An HttpClient repeats nothing, but gives up after 100 s by default.
    private static OllamaApiClient Ollama(ProviderChoice choice)
        => new(new HttpClient { BaseAddress = choice.Endpoint ?? _ollamaAddress, Timeout = choice.NetworkTimeout }, choice.Model);
}
