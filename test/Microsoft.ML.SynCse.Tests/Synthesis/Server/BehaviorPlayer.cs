using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Does to a connection what a <see cref="ServerBehavior"/> says.</summary>
internal static class BehaviorPlayer
{
    /// <summary>Plays a behaviour to its end.</summary>
    /// <exception cref="OperationCanceledException">The client went away, or the server is stopping.</exception>
    public static async Task PlayAsync(HttpContext context, ServerBehavior behavior, long ordinal, string model, CancellationToken gone)
    {
        if (behavior.Latency > TimeSpan.Zero) await Task.Delay(behavior.Latency, gone);
        switch (behavior.Kind)
        {
            case ServerBehaviorKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, gone);
                break;
            case ServerBehaviorKind.Reset:
                Close(context, reset: true);
                break;
            case ServerBehaviorKind.HalfBody:
                await HalfBodyAsync(context, ChatCompletionJson.Completion(ordinal, model, behavior), behavior.EndsWithReset, gone);
                break;
            case ServerBehaviorKind.SlowDrip:
                await DripAsync(context.Response, behavior, ChatCompletionJson.Completion(ordinal, model, behavior), gone);
                break;
            default:
                var body = behavior.Body is { } raw ? Encoding.UTF8.GetBytes(raw) : ChatCompletionJson.Completion(ordinal, model, behavior);
                Head(context.Response, behavior, body.Length);
                await context.Response.Body.WriteAsync(body, gone);
                break;
        }
    }

    private static void Head(HttpResponse response, ServerBehavior behavior, int length)
    {
        response.StatusCode = behavior.StatusCode;
        response.ContentType = behavior.ContentType;
        response.ContentLength = length;
        foreach (var (name, value) in behavior.Headers) response.Headers[name] = value;
    }

    /// <summary>
    /// Writes past Kestrel: it may drop what it has not sent when it is told to abort, and this must not depend on which comes first.
    /// </summary>
    private static async Task HalfBodyAsync(HttpContext context, ReadOnlyMemory<byte> body, bool reset, CancellationToken gone)
    {
        var socket = SocketOf(context);
        await socket.SendAsync(ChatCompletionJson.RawHead(body.Length), gone);
        await socket.SendAsync(body[..(body.Length / 2)], gone);
        Close(context, reset);
    }

    private static async Task DripAsync(HttpResponse response, ServerBehavior behavior, ReadOnlyMemory<byte> body, CancellationToken gone)
    {
        Head(response, behavior, body.Length);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < body.Length; i++)
        {
            var wait = behavior.Duration * ((i + 1.0) / body.Length) - Stopwatch.GetElapsedTime(start);
            // A timer fires no finer than a millisecond: catch up instead of waiting for less.
            if (wait >= TimeSpan.FromMilliseconds(1)) await Task.Delay(wait, gone);
            await response.Body.WriteAsync(body.Slice(i, 1), gone);
            await response.Body.FlushAsync(gone);
        }
    }

    private static void Close(HttpContext context, bool reset)
    {
        var socket = SocketOf(context);
        // Closing with a linger time of 0 sends RST, where a close would send FIN.
        if (reset) socket.LingerState = new(true, 0);
        else socket.Shutdown(SocketShutdown.Send);
        socket.Close();
        context.Abort();
    }

    private static Socket SocketOf(HttpContext context) => context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
}
