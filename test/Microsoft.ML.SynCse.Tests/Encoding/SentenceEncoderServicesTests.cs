using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Generator = Microsoft.Extensions.AI.IEmbeddingGenerator<string, Microsoft.Extensions.AI.Embedding<float>>;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The encoder in dependency injection: one encoder, a generator for each role of a search.</summary>
[TestClass]
public sealed class SentenceEncoderServicesTests
{
    private const string Query = "my order: ", Passage = "your house. ";
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    [TestCleanup]
    public void Clean() => _folder.Dispose();

    [TestMethod]
    public async Task Query_and_document_generators_use_the_prompts_of_the_folder_over_one_encoder()
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted()));
        var encoder = services.GetRequiredService<TextEncoder>();
        Assert.AreSame(encoder, services.GetRequiredService<Generator>().GetService<TextEncoder>());
        await IsAsync(encoder.Encode(["a cat"], new() { Prompt = Query }), services.GetRequiredKeyedService<Generator>("query"));
        await IsAsync(encoder.Encode(["a cat"], new() { Prompt = Passage }), services.GetRequiredKeyedService<Generator>("document"));
        await IsAsync(encoder.Encode(["a cat"]), services.GetRequiredService<Generator>());
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(["a cat"], new() { Prompt = Query }), encoder.EncodeQuery(["a cat"])));
        Assert.AreEqual(0,
            Golden.WorstDifference(encoder.Encode(["a cat"], new() { Prompt = Passage }), encoder.EncodeDocument(["a cat"])));
    }

    [TestMethod]
    public async Task A_call_that_names_a_prompt_keeps_it()
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted()));
        var encoder = services.GetRequiredService<TextEncoder>();
        await IsAsync(
            encoder.Encode(["a cat"], new() { Prompt = "my dog " }), services.GetRequiredKeyedService<Generator>("query"),
            new() { AdditionalProperties = new() { ["prompt"] = "my dog " } });
        Assert.AreEqual(0,
            Golden.WorstDifference(
            encoder.Encode(["a cat"], new() { Prompt = "my dog " }), encoder.EncodeQuery(["a cat"], new() { Prompt = "my dog " })));
    }

    [TestMethod]
    public async Task A_cache_in_the_pipeline_keeps_the_roles_apart_and_saves_the_work()
    {
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using var services = Services(s =>
        {
            s.AddSingleton<IDistributedCache>(cache);
            s.AddSentenceEncoder(Prompted()).UseDistributedCache();
        });
        var encoder = services.GetRequiredService<TextEncoder>();
        foreach (string key in new[] { "query", "document", "query", "document" })
        {
            float[][] expected = key == "query" ? encoder.EncodeQuery(["a cat"]) : encoder.EncodeDocument(["a cat"]);
            await IsAsync(expected, services.GetRequiredKeyedService<Generator>(key));
        }
        Assert.AreEqual(4 + 2, encoder.EncodedSentences, "four by this test, two by the generators");
    }

    [TestMethod]
    public async Task A_role_without_a_prompt_is_one_error_that_says_what_there_is()
    {
        await using var plain = Services(s => s.AddSentenceEncoder(TinyEncoder.WriteFolder(_folder)));
        string none = Assert.ThrowsExactly<InvalidOperationException>(() => plain.GetRequiredKeyedService<Generator>("query")).Message;
        StringAssert.Contains(none, "There is no embedding generator 'query': the encoder '");
        StringAssert.Contains(none, "has no prompt for it (it has none)");
        await using var half = Services(s => s.AddSentenceEncoder(Prompted("""{"prompts": {"query": "q: "}}""")));
        Assert.IsNotNull(half.GetRequiredKeyedService<Generator>("query"));
        string other = Assert.ThrowsExactly<InvalidOperationException>(() => half.GetRequiredKeyedService<Generator>("document")).Message;
        StringAssert.Contains(other, "its prompts are 'query'");
    }

    [TestMethod]
    public async Task A_folder_with_both_prompts_used_through_neither_is_warned_of_once()
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted()));
        await services.GetRequiredKeyedService<Generator>("query").GenerateAsync(["a cat"]);
        Assert.IsEmpty(_warnings);
        for (int i = 0; i < 3; i++) await services.GetRequiredService<Generator>().GenerateAsync(["a cat"]);
        StringAssert.Contains(_warnings.Single(), "'query' and 'passage'");
    }

    [TestMethod]
    [DataRow("""{"prompts": {"query": "", "document": ""}}""")]
    [DataRow("""{"prompts": {"query": "q: "}}""")]
    [DataRow("""{"prompts": {"query": "q: ", "document": "d: "}, "default_prompt_name": "document"}""")]
    public async Task A_folder_that_can_be_used_without_a_key_is_not_warned_of(string json)
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted(json)));
        await services.GetRequiredService<Generator>().GenerateAsync(["a cat"]);
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public async Task Several_encoders_go_by_their_keys()
    {
        await using var services = Services(s =>
        {
            s.AddKeyedSentenceEncoder("first", Prompted());
            s.AddKeyedSentenceEncoder("second", _ => TinyEncoder.Load(seed: 8));
            s.AddSentenceEncoder();
        });
        var first = services.GetRequiredKeyedService<TextEncoder>("first");
        await IsAsync(first.Encode(["a cat"]), services.GetRequiredKeyedService<Generator>("first"));
        await IsAsync(first.EncodeQuery(["a cat"]), services.GetRequiredKeyedService<Generator>("first.query"));
        await IsAsync(services.GetRequiredKeyedService<TextEncoder>("second").Encode(["a cat"]),
            services.GetRequiredKeyedService<Generator>("second"));
        Assert.AreEqual(256, services.GetRequiredService<TextEncoder>().Dimensions, "the encoder of the package");
    }

    [TestMethod]
    public async Task A_disposed_encoder_says_so_and_the_container_disposes_it_with_itself()
    {
        var services = Services(s => s.AddSentenceEncoder(Prompted()));
        var (encoder, generator) = (services.GetRequiredService<TextEncoder>(), services.GetRequiredKeyedService<Generator>("query"));
        encoder.Dispose();
        string message = (await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => generator.GenerateAsync(["a cat"]))).Message;
        StringAssert.Contains(message, "The sentence encoder '");
        await services.DisposeAsync();
        TextEncoder alive;
        await using (var others = Services(s => s.AddSentenceEncoder(Prompted()))) alive = others.GetRequiredService<TextEncoder>();
        Assert.ThrowsExactly<ObjectDisposedException>(() => alive.Encode(["a cat"]));
    }

    [TestMethod]
    public async Task Cut_inputs_are_counted_in_the_usage_and_in_one_line_of_the_log()
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted("{}")));
        string[] texts = ["a cat", string.Join(' ', Enumerable.Repeat("cat", 50)), string.Join(' ', Enumerable.Repeat("dog", 60))];
        var result = await services.GetRequiredService<Generator>().GenerateAsync(texts);
        Assert.AreEqual(2, result.Usage!.AdditionalCounts!["truncated_inputs"]);
        StringAssert.Contains(_warnings.Single(), "2 of 3 sentences were longer than 40 tokens and were cut");
        Assert.IsNull((await services.GetRequiredService<Generator>().GenerateAsync(["a cat"])).Usage!.AdditionalCounts);
        Assert.HasCount(1, _warnings);
    }

    [TestMethod]
    public async Task A_stream_logs_its_cut_inputs_once_as_soon_as_there_are_some()
    {
        await using var services = Services(s => s.AddSentenceEncoder(Prompted("{}")));
        var encoder = services.GetRequiredService<TextEncoder>();
        int read = 0;
        await foreach (float[] _ in encoder.EncodeStreamingAsync(Endless(), new() { WindowSize = 2 }))
        {
            // The third sentence is cut, and is in the second window.
            Assert.HasCount(++read > 2 ? 1 : 0, _warnings);
            if (read == 12) break;
        }
        StringAssert.Contains(_warnings.Single(), "1 of 4 sentences were longer than 40 tokens and were cut");

        static async IAsyncEnumerable<string> Endless()
        {
            for (int i = 1; ; i++)
            {
                await Task.Yield();
                yield return i % 3 == 0 ? string.Join(' ', Enumerable.Repeat("cat", 50)) : "a cat";
            }
        }
    }

    private static async Task IsAsync(float[][] expected, Generator generator, EmbeddingGenerationOptions? options = null)
        => Assert.AreEqual(
            0, Golden.WorstDifference(expected, [.. (await generator.GenerateAsync(["a cat"], options)).Select(e => e.Vector.ToArray())]));

    private ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new Warnings(_warnings)));
        add(services);
        return services.BuildServiceProvider();
    }

    private string Prompted(string? json = null)
    {
        string folder = TinyEncoder.WriteFolder(_folder, normalize: true);
        File.WriteAllText(
            Path.Combine(folder, "config_sentence_transformers.json"), json
            ?? $$$"""{"prompts": {"query": "{{{Query}}}", "passage": "{{{Passage}}}"}}""");
        return folder;
    }

    private sealed class Warnings(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            lock (lines) lines.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
