using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>
/// A million sentences against a client that answers at once: time a sentence, and that memory does not grow with their number.
/// </summary>
[TestClass]
[TestCategory("Campaign")]
public sealed class SynthesisScaleCampaign
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(10_000, true)]
    [DataRow(100_000, true)]
    [DataRow(1_000_000, true)]
    [DataRow(100_000, false)]
    public async Task Time_and_memory(int count, bool once)
    {
        using var folder = new TemporaryFolder();
        var options = Synthesis.Options(folder) with { MaxConcurrency = 64 };
        var client = new InstantClient();
        long most = 0;
        using var watch = new Timer(_ => most = Math.Max(most, Environment.WorkingSet), null, 0, 50);
        var clock = Stopwatch.StartNew();
        long done = 0, accepted = 0;
        await using (var synthesizer = new TripletSynthesizer(client, options))
        {
            await foreach (var outcome in synthesizer.SynthesizeAsync(Sentences(count)))
            {
                done++;
                if (outcome.Example is not null) accepted++;
            }
        }
        clock.Stop();
        Assert.AreEqual((count, count, 2L * count), (done, accepted, client.Calls));
        long journal = new FileInfo(options.JournalPath!).Length;
        TestContext.WriteLine($"{count:n0} sentences: {clock.Elapsed.TotalSeconds:f1} s, {clock.Elapsed.TotalMicroseconds / count:f1} us "
            + $"a sentence, peak resident {most >> 20} MB, journal {journal >> 20} MB");
        if (!once)
        {
            clock.Restart();
            await Synthesis.RunAsync(client, options, Sentences(count).ToArray());
            Assert.AreEqual(2L * count, client.Calls);
            TestContext.WriteLine($"the same again, all from the journal: {clock.Elapsed.TotalMicroseconds / count:f1} us a sentence");
        }
    }

    private static IEnumerable<string> Sentences(int count)
        => Enumerable.Range(0, count).Select(i => $"Customer {i} asks when parcel {i * 7919L % 1_000_003} will come to town");

    /// <summary>Answers without a wait and keeps nothing.</summary>
    private sealed class InstantClient : IChatClient
    {
        private long _calls;

        public long Calls => Interlocked.Read(ref _calls);

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            long call = Interlocked.Increment(ref _calls);
            var list = (IReadOnlyList<ChatMessage>)messages;
            string sentence = list[^1].Text["{\"sentence\":\"".Length..^2];
            bool negative = PromptLibrary.Default.Negative.Prompts.Any(p => list[0].Text.Contains(p.Text, StringComparison.Ordinal));
            return Task.FromResult(FakeChatClient
                .Reply(FakeRequest.Json(negative ? FakeRequest.Negative(sentence) : FakeRequest.Positive(sentence))));
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages,
            ChatOptions? options = null, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
