using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Good answers with faults among them. Safe to use from several threads.</summary>
/// <remarks>
/// Whether a request meets a fault, and which, depends on the seed, the request's body and how often this very body has come before:
/// not on the order in which requests arrive. Both kinds of fault exclude one another: first it is drawn whether the transport fails,
/// then whether the model does.
/// </remarks>
/// <param name="seed">Another seed, other faults.</param>
/// <param name="good">The answer without a fault; <see cref="GoodAnswers.Answer"/> as a rule.</param>
internal sealed class FaultScript(int seed, Func<ScriptedRequest, ServerBehavior> good)
{
    private readonly ConcurrentDictionary<UInt128, int> _seen = new();

    /// <summary>The share of requests whose transport fails.</summary>
    public double TransportFaultShare { get; init; }

    /// <summary>The share of the other requests whose answer is spoiled.</summary>
    public double ContentFaultShare { get; init; }

    /// <summary>How likely each fault of the transport is, in relation to the others.</summary>
    public IReadOnlyDictionary<TransportFault, double> TransportWeights { get; init; } = TransportFaults.PassingWeights;

    /// <summary>How likely each fault of the model is, in relation to the others.</summary>
    public IReadOnlyDictionary<ContentFault, double> ContentWeights { get; init; } = Enum.GetValues<ContentFault>()
        .ToDictionary(f => f, _ => 1.0);

    /// <summary>From which repetition of a body on there are no faults; with it a test can be sure that enough attempts succeed.</summary>
    public int FaultlessAfter { get; init; } = int.MaxValue;

    /// <summary>The latency of every answer.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How long a rate limit says to wait. In seconds it is rounded up; as a date it ends with the second it falls into.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a slow answer takes.</summary>
    public TimeSpan DripDuration { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How many requests have met each fault of the transport.</summary>
    public ConcurrentDictionary<TransportFault, int> TransportFaultsMade { get; } = new();

    /// <summary>How many requests have met each fault of the model.</summary>
    public ConcurrentDictionary<ContentFault, int> ContentFaultsMade { get; } = new();

    /// <summary>What a server is to do; the script to start it with.</summary>
    public ServerBehavior Decide(ScriptedRequest request)
    {
        var body = XxHash128.HashToUInt128(request.RawBody.Span);
        int seen = _seen.AddOrUpdate(body, 1, (_, before) => before + 1);
        return Decide(request, StableRandom.For($"{seed}", body.ToString(CultureInfo.InvariantCulture), $"{seen}"),
            seen) with
        { Latency = Latency };
    }

    private ServerBehavior Decide(ScriptedRequest request, StableRandom random, int seen)
    {
        var answer = good(request);
        if (seen > FaultlessAfter) return answer;
        if (random.NextDouble() < TransportFaultShare)
        {
            var fault = Pick(TransportWeights, random);
            TransportFaultsMade.AddOrUpdate(fault, 1, (_, before) => before + 1);
            return TransportFaults.Make(fault, answer, RetryAfter, DripDuration);
        }
        if (random.NextDouble() < ContentFaultShare)
        {
            var fault = Pick(ContentWeights, random);
            ContentFaultsMade.AddOrUpdate(fault, 1, (_, before) => before + 1);
            return ContentFaults.Apply(fault, answer, request, random);
        }
        return answer;
    }

    private static T Pick<T>(IReadOnlyDictionary<T, double> weights, StableRandom random) where T : struct, Enum
    {
        // A dictionary promises no order, and the draw must not depend on it.
        var ordered = weights.OrderBy(w => w.Key).Where(w => w.Value > 0).ToArray();
        double draw = random.NextDouble() * ordered.Sum(w => w.Value);
        foreach (var (fault, weight) in ordered)
        {
            if ((draw -= weight) < 0) return fault;
        }
        return ordered[^1].Key;
    }
}
