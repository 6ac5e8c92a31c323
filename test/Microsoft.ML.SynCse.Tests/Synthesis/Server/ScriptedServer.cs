using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// An OpenAI-compatible chat completions server on loopback that does what a script says, well or badly. Safe to use from several threads.
/// </summary>
/// <remarks>
/// The script is called on any thread, for several requests at once. A client may have its answer a moment before the log has the line:
/// await <see cref="IdleAsync"/> before reading <see cref="Log"/>. It cannot know of a request that is still in the socket,
/// which only one whose client gave up can be.
/// </remarks>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>The key that is accepted unless another is named.</summary>
    public const string DefaultKey = "sk-scripted-0123456789";

    private readonly Func<ScriptedRequest, ServerBehavior> _script;
    private readonly string _authorization;
    private readonly InFlightMeter _meter = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private int _disposed;

    private ScriptedServer(Func<ScriptedRequest, ServerBehavior> script, string key)
    {
        _script = script;
        _authorization = $"Bearer {key}";
        // The empty builder reads no configuration, logs nowhere and has no routing.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>The base address that a client takes, with "/v1".</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>What became of each request, in the order in which they ended.</summary>
    public ConcurrentQueue<ServedAttempt> Log { get; } = new();

    /// <summary>What the script threw, if it did.</summary>
    public ConcurrentQueue<Exception> ScriptErrors { get; } = new();

    /// <summary>How many requests have arrived, whatever became of them.</summary>
    public long Requests => _meter.Arrived;

    /// <summary>How many requests are under way.</summary>
    public int InFlight => _meter.InFlight;

    /// <summary>The most requests that were under way at once.</summary>
    public int MaxConcurrent => _meter.Highest;

    /// <summary>The requests under way on average, from the first arrival to the last arrival or end.</summary>
    public double MeanConcurrent => _meter.Mean;

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<ScriptedServer> StartAsync(Func<ScriptedRequest, ServerBehavior> script, string key = DefaultKey)
    {
        var server = new ScriptedServer(script, key);
        await server._app.StartAsync();
        server.Endpoint = new($"{server._app.Urls.Single()}/v1");
        return server;
    }

    /// <summary>Waits until no request is under way and all that have arrived are in the log.</summary>
    public Task IdleAsync() => _meter.WhenIdle;

    /// <summary>
    /// Ends what is under way, and the server. Again, it does nothing: a test may stop the server that its cleanup stops.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var startedAt = DateTimeOffset.UtcNow;
        long ordinal = _meter.Enter();
        string? attemptId = context.Request.Headers[AttemptHeaderPolicy.Header];
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        ServerBehavior behavior = new() { Kind = ServerBehaviorKind.Unread };
        bool completed = false;
        try
        {
            byte[] body = await ReadAsync(context.Request, gone.Token);
            (behavior, string? model) = Decide(context.Request, ordinal, attemptId, body);
            await BehaviorPlayer.PlayAsync(context, behavior, ordinal, model, gone.Token);
            completed = behavior.Kind is not (ServerBehaviorKind.Reset or ServerBehaviorKind.HalfBody) && !gone.IsCancellationRequested;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client went away, which the log tells by Completed.
            context.Abort();
        }
        finally
        {
            var (prompt, completion) = behavior.Usage ?? default;
            Log.Enqueue(new(attemptId, ordinal, behavior.Kind, behavior.Text, completed, prompt, completion, startedAt,
                DateTimeOffset.UtcNow));
            _meter.Leave();
        }
    }

    private (ServerBehavior Behavior, string Model) Decide(HttpRequest request, long ordinal, string? attemptId, byte[] body)
    {
        if (request.Method != "POST" || request.Path != "/v1/chat/completions")
        {
            return (Refused(404, null, $"Unknown request URL: {request.Method} {request.Path}.", ServerBehaviorKind.NotFound), "");
        }
        if (request.Headers.Authorization != _authorization)
        {
            // Some servers echo the key they did not like; tests look for it where it must not be.
            return (Refused(401, "invalid_api_key", $"Incorrect API key provided: {request.Headers.Authorization}.",
                ServerBehaviorKind.Unauthorized), "");
        }
        try
        {
            var parsed = ScriptedRequest.Parse(ordinal, attemptId, body);
            return (_script(parsed), parsed.Model);
        }
        catch (Exception error)
        {
            ScriptErrors.Enqueue(error);
            return (Refused(500, "script_failed", error.ToString(), ServerBehaviorKind.ScriptFailed), "");
        }
    }

    private static ServerBehavior Refused(int status, string? code, string message, ServerBehaviorKind kind)
        => ServerBehavior.Status(status, code, "invalid_request_error", message) with { Kind = kind };

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken gone)
    {
        if (request.ContentLength is { } length)
        {
            byte[] exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, gone);
            return exact;
        }
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, gone);
        return buffer.ToArray();
    }
}
