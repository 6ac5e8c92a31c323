using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Tests with a server that does the same with every request until told otherwise, and a client of it.</summary>
public abstract class ConversationTests
{
    public TestContext TestContext { get; set; } = null!;

    private protected ServerBehavior Next { get; set; } = ServerBehavior.Reply("hi");

    private protected ScriptedRequest? Last { get; private set; }

    private protected ScriptedServer Server { get; private set; } = null!;

    private protected IChatClient Client { get; private set; } = null!;

    private protected CancellationToken Cancelled => TestContext.CancellationToken;

    [TestInitialize]
    public async Task Start()
    {
        Server = await ScriptedServer.StartAsync(request =>
        {
            Last = request;
            return Next;
        });
        Client = ScriptedClient.Create(Server.Endpoint);
    }

    [TestCleanup]
    public async Task Stop()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private protected Task<ChatResponse> Ask(ChatOptions? options = null) => Client.GetResponseAsync("hello", options, Cancelled);

    private protected Task<T> Fails<T>(IChatClient? client = null) where T : Exception
        => Assert.ThrowsExactlyAsync<T>(() => (client ?? Client).GetResponseAsync("hello", cancellationToken: Cancelled));

    /// <summary>For exceptions whose own type the runtime keeps to itself.</summary>
    private protected Task<T> FailsAs<T>() where T : Exception => Assert.ThrowsAsync<T>(() => Ask());
}
