using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A chat client in the process that answers with a function, and counts.</summary>
internal sealed class FakeChatClient(Func<FakeRequest, CancellationToken, Task<ChatResponse>> answer) : IChatClient
{
    private int _calls, _now, _most;

    public FakeChatClient(Func<FakeRequest, string> answer) : this((request, _) => Task.FromResult(Reply(answer(request))))
    {
    }

    /// <summary>What was asked, in order of arrival.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public int Calls => Volatile.Read(ref _calls);

    public int MostAtATime => Volatile.Read(ref _most);

    /// <summary>Whether requests are kept; a million of them should not be.</summary>
    public bool Keeps { get; init; } = true;

    /// <summary>A finished reply with usage.</summary>
    public static ChatResponse Reply(string text, ChatFinishReason? finish = null, int input = 100, int output = 10)
        => new(new ChatMessage(ChatRole.Assistant, text))
        {
            FinishReason = finish ?? ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output },
        };

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        int now = Interlocked.Increment(ref _now);
        for (int most = _most; now > most && Interlocked.CompareExchange(ref _most, now, most) != most; most = _most) { }
        try
        {
            var request = new FakeRequest(Interlocked.Increment(ref _calls) - 1, [.. messages], options, SynthesisAttempt.CurrentId);
            if (Keeps) Requests.Enqueue(request);
            return await answer(request, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("fake", null, "fake-1") : null;

    public void Dispose()
    {
    }
}
