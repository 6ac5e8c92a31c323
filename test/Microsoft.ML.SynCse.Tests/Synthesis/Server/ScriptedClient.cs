using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The real OpenAI client, as a user would make it, for a <see cref="ScriptedServer"/>.</summary>
internal static class ScriptedClient
{
    /// <summary>Makes a client that does not repeat requests on its own: the library does, and would not see the client's.</summary>
    /// <param name="endpoint">The server's <see cref="ScriptedServer.Endpoint"/>.</param>
    /// <param name="key">The key to send.</param>
    /// <param name="model">The model to ask for.</param>
    /// <param name="sending">Sees every HTTP request before it is sent.</param>
    /// <param name="networkTimeout">How long the client waits for the network; if null, longer than any test.</param>
    /// <param name="retries">How often the client itself repeats a request.</param>
    public static IChatClient Create(
        Uri endpoint,
        string key = ScriptedServer.DefaultKey,
        string model = "scripted-model",
        Action<HttpRequestMessage>? sending = null,
        TimeSpan? networkTimeout = null,
        int retries = 0)
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = endpoint,
            RetryPolicy = new ClientRetryPolicy(retries),
            NetworkTimeout = networkTimeout ?? TimeSpan.FromMinutes(30),
        };
        if (sending is not null) options.Transport = new ObservedTransport(sending);
        options.AddPolicy(new AttemptHeaderPolicy(), PipelinePosition.PerTry);
        return new ChatClient(model, new ApiKeyCredential(key), options).AsIChatClient();
    }
}
