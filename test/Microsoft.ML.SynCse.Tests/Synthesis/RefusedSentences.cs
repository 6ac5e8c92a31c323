using System.Collections.Concurrent;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// A script for <see cref="ScriptedServer"/>: sentences by their numbers (<see cref="Synthesis.Sentences"/>) get an error, all others good
/// replies.
/// </summary>
internal sealed class RefusedSentences(Func<int, ServerBehavior?> fault)
{
    private readonly GoodAnswers _good = new();
    private readonly ConcurrentDictionary<int, int> _served = new();

    /// <summary>How often an error is served for a sentence; default: always.</summary>
    public int Times { get; init; } = int.MaxValue;

    /// <summary>The time that a good reply takes.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>An error body as a provider sends it.</summary>
    public static ServerBehavior Body(int status, string body, params (string Name, string Value)[] headers)
        => new()
        {
            Kind = ServerBehaviorKind.Status,
            StatusCode = status,
            Body = body,
            Headers = headers.ToDictionary(h => h.Name, h => h.Value)
        };

    /// <summary>What the server does.</summary>
    public ServerBehavior Decide(ScriptedRequest request)
    {
        var user = request.UserJson();
        string[] sentences = user.TryGetProperty("sentence", out var one) ? [one.GetString()!]
            : user.TryGetProperty("sentences", out var all) ? [.. all.EnumerateArray().Select(s => s.GetProperty("sentence").GetString()!)]
            : user.TryGetProperty("first", out var first) ? [first.GetString()!] : [];
        foreach (int number in sentences.Select(Number))
        {
            if (number >= 0 && fault(number) is { } behavior
                && _served.AddOrUpdate(number, 1, (_, before) => before + 1) <= Times) return behavior;
        }
        return _good.Answer(request) with { Latency = Latency };
    }

    private static int Number(string sentence) => sentence.Split(' ') is ["Order", "number", var number, ..]
        ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : -1;
}
