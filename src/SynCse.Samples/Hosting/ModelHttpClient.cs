using System.Threading.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace SynCse.Samples;

/// <summary>The HttpClient below the chat client, with Microsoft.Extensions.Http.Resilience: rate limit, circuit breaker, timeout, and no
/// retries.</summary>
/// <remarks>
/// No retries on purpose, hence not <c>AddStandardResilienceHandler</c>, which has some: the synthesizer repeats what failed, after the
/// wait that the provider asks for, and counts every request in the journal and against the limits. A handler's retry would be paid for and
/// counted nowhere. Retries of the two would also multiply: 5 times 3 requests for one text.
/// </remarks>
internal static class ModelHttpClient
{
    public const string Name = "language-model";

    // Longer than the synthesizer waits with its first repetitions, so that these find the circuit closed again.
    private static readonly TimeSpan _break = TimeSpan.FromSeconds(5);

    /// <summary>Adds it to the services.</summary>
    /// <param name="services">The services.</param>
    /// <param name="requestsPerMinute">What the provider allows.</param>
    /// <param name="timeout">The time that one request may take.</param>
    public static void Add(IServiceCollection services, int requestsPerMinute, TimeSpan timeout)
        => services.AddHttpClient(Name, client => client.Timeout = Timeout.InfiniteTimeSpan)               // the pipeline's timeout holds
            .UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)                                                 // a singleton keeps its handler
            .AddResilienceHandler(Name, pipeline => pipeline
                .AddRateLimiter(Limiter(requestsPerMinute))
                .AddCircuitBreaker(
                    new HttpCircuitBreakerStrategyOptions { FailureRatio = 0.9, MinimumThroughput = 20, BreakDuration = _break })
                .AddTimeout(timeout));

    // Waits instead of refusing: the synthesizer never has more requests under way than its MaxConcurrency.
    private static TokenBucketRateLimiter Limiter(int requestsPerMinute) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Math.Max(1, requestsPerMinute / 60),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / requestsPerMinute,
        QueueLimit = int.MaxValue,
    });
}
