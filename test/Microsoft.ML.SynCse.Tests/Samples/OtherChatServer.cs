using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Chat servers with other addresses and forms than OpenAI's: Azure's deployments and Ollama.</summary>
internal sealed class OtherChatServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly GoodAnswers _answers = new();
    private long _ordinal;

    public OtherChatServer()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>The path and query of each request, and the key that came with it.</summary>
    public ConcurrentQueue<(string Path, string? Key)> Requests { get; } = new();

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        Requests.Enqueue((context.Request.RawUrl!, context.Request.Headers["api-key"]));
        var request = ScriptedRequest.Parse(Interlocked.Increment(ref _ordinal), null, body.ToArray());
        string text = _answers.Node(request).ToJsonString(GoodAnswers.Json);
        object answer = context.Request.Url!.AbsolutePath == "/api/chat"
            ? new
            {
                model = request.Model,
                message = new { role = "assistant", content = text },
                done = true,
                done_reason = "stop",
                prompt_eval_count = 7,
                eval_count = 3,
            }
            : new
            {
                id = "1",
                @object = "chat.completion",
                created = 1,
                model = request.Model,
                choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
                usage = new { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 },
            };
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
        context.Response.Close();
    }
}
