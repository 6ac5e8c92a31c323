using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The encoder as Microsoft.Extensions.AI's generator, alone and in the library's own pipeline.</summary>
[TestClass]
public sealed class EmbeddingGeneratorTests
{
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    public async Task The_vectors_are_those_of_Encode_with_tokens_time_and_model()
    {
        using var encoder = TinyEncoder.Load();
        var generated = await encoder.GenerateAsync(["a cat", "", "my order"]);
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(["a cat", "", "my order"]), Vectors(generated)));
        Assert.AreEqual((10, 10), (generated.Usage!.InputTokenCount, generated.Usage.TotalTokenCount));
        Assert.IsTrue(generated.All(
            e => e.ModelId == Metadata(encoder).DefaultModelId && e.Dimensions == TinyEncoder.Dimensions
            && DateTimeOffset.UtcNow - e.CreatedAt < TimeSpan.FromMinutes(1)));
    }

    [TestMethod]
    public async Task No_text_gives_no_vector_and_no_usage()
    {
        using var encoder = TinyEncoder.Load();
        var generated = await encoder.GenerateAsync([]);
        Assert.IsEmpty(generated);
        Assert.AreEqual(0, generated.Usage!.InputTokenCount);
    }

    [TestMethod]
    public async Task A_null_is_an_error_with_its_place()
    {
        using var encoder = TinyEncoder.Load();
        await Assert.ThrowsExactlyAsync<ArgumentNullException>(() => encoder.GenerateAsync((IEnumerable<string>)null!));
        Assert.Contains("values[1]",
            (await Assert.ThrowsExactlyAsync<ArgumentException>(() => encoder.GenerateAsync(["a", null!]))).Message);
    }

    [TestMethod]
    public async Task The_work_is_done_off_the_callers_thread_and_the_list_is_read_before()
    {
        using var encoder = TinyEncoder.Load();
        var texts = TinyEncoder.Sentences(8000).ToList();
        float[][] expected = encoder.Encode(texts);
        var work = encoder.GenerateAsync(texts);
        bool returnedBefore = !work.IsCompleted;
        texts.Clear();
        var generated = await work;
        Assert.AreEqual(0, Golden.WorstDifference(expected, Vectors(generated)));
        Assert.IsTrue(returnedBefore, "GenerateAsync returned only when the work was done");
    }

    [TestMethod]
    public async Task A_cancelled_call_ends()
    {
        using var encoder = TinyEncoder.Load();
        await Assert.ThrowsAsync<OperationCanceledException>(() => encoder.GenerateAsync(["a"], cancellationToken: new(canceled: true)));
        using var source = new CancellationTokenSource();
        var work = encoder.GenerateAsync(TinyEncoder.Sentences(20_000), cancellationToken: source.Token);
        source.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => work);
    }

    [TestMethod]
    public async Task Options_are_only_read_and_an_error_of_the_callers_list_is_the_callers()
    {
        using var encoder = Prompted();
        EmbeddingGenerationOptions options = new()
        {
            ModelId = Metadata(encoder).DefaultModelId,
            Dimensions = TinyEncoder.Dimensions,
            AdditionalProperties = new() { ["prompt_name"] = "query", ["mine"] = 5 },
        };
        string before = System.Text.Json.JsonSerializer.Serialize(options);
        await Task.WhenAll(encoder.GenerateAsync(["a cat"], options), encoder.GenerateAsync(["a cat", "b"], options));
        Assert.AreEqual(before, System.Text.Json.JsonSerializer.Serialize(options));
        static IEnumerable<string> Broken()
        {
            yield return "a cat";
            throw new InvalidDataException("mine");
        }
        Assert.AreEqual("mine", (await Assert.ThrowsExactlyAsync<InvalidDataException>(() => encoder.GenerateAsync(Broken()))).Message);
    }

    [TestMethod]
    public async Task A_disposed_encoder_says_so()
    {
        var encoder = TinyEncoder.Load();
        encoder.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => encoder.GenerateAsync(["a"]));
    }

    [TestMethod]
    public async Task Many_callers_at_once_get_their_own_vectors()
    {
        using var encoder = TinyEncoder.Load();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            string[] texts = TinyEncoder.Sentences(20, i);
            Assert.IsLessThan(1e-5, Golden.WorstDifference(encoder.Encode(texts), Vectors(await encoder.GenerateAsync(texts))));
        }));
    }

    [TestMethod]
    public void Services_are_given_by_type_and_without_a_key()
    {
        using var encoder = TinyEncoder.Load();
        IEmbeddingGenerator<string, Embedding<float>> generator = encoder;
        Assert.AreSame(encoder, generator.GetService<SentenceEncoder>());
        Assert.AreSame(encoder, generator.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.AreSame(encoder, generator.GetService<IEmbeddingGenerator>());
        Assert.AreSame(encoder, encoder.GetService(typeof(object)));
        Assert.IsNull(generator.GetService<SentenceEncoder>("key"));
        Assert.IsNull(generator.GetService<IChatClient>());
        Assert.ThrowsExactly<ArgumentNullException>(() => encoder.GetService(null!));
        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.AreEqual(("Microsoft.ML.SynCse", TinyEncoder.Dimensions), (metadata.ProviderName, metadata.DefaultModelDimensions));
    }

    [TestMethod]
    public async Task Only_this_encoders_model_is_given()
    {
        using var encoder = SentenceEncoder.Load(TinyEncoder.WriteFolder(_temporary));
        string id = Metadata(encoder).DefaultModelId!;
        foreach (string? name in new[] { id, "1-encoder", null }) Assert.HasCount(
            1, await encoder.GenerateAsync(["a"], new() { ModelId = name }));
        var error = await Assert.ThrowsExactlyAsync<NotSupportedException>(()
            => encoder.GenerateAsync(["a"], new() { ModelId = "text-embedding-3-small" }));
        foreach (string? part in new[] { "text-embedding-3-small", id, "1-encoder" }) Assert.Contains(part, error.Message);
    }

    [TestMethod]
    [DataRow("\"matryoshka_dimensions\": [4, 8, 16]", new[] { 4, 8, 16 }, 4)]
    [DataRow("\"matryoshka_dimensions\": [8]", new[] { 8 }, 8)]
    [DataRow("\"is_matryoshka\": true", new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, 5)]
    public async Task Vectors_are_cut_where_the_model_was_made_for_it(string field, int[] allowed, int length)
    {
        using var encoder = Matryoshka(field);
        CollectionAssert.AreEqual(allowed, encoder.MatryoshkaDimensions.ToArray());
        float[][] whole = encoder.Encode(["a cat", "my order"]);
        float[][] expected = whole.Select(v => v[..length]).Select(v => Array.ConvertAll(v, x => x / MathF.Sqrt(v.Sum(y => y * y))))
            .ToArray();
        var generated = await encoder.GenerateAsync(["a cat", "my order"], new() { Dimensions = length });
        Assert.IsLessThan(1e-6, Golden.WorstDifference(expected, Vectors(generated)));
        Assert.HasCount(TinyEncoder.Dimensions,
            Vectors(await encoder.GenerateAsync(["a"], new() { Dimensions = TinyEncoder.Dimensions }))[0]);
    }

    [TestMethod]
    public async Task Vectors_are_not_cut_where_the_model_was_not_made_for_it()
    {
        using var plain = TinyEncoder.Load();
        var error = await Assert.ThrowsExactlyAsync<NotSupportedException>(() => plain.GenerateAsync(["a"], new() { Dimensions = 8 }));
        foreach (string? part in new[] { "is 8", "makes 16", "matryoshka_dimensions" }) Assert.Contains(part, error.Message);
        using var matryoshka = Matryoshka("\"matryoshka_dimensions\": [4, 8]");
        Assert.Contains("or 4, 8",
            (await Assert.ThrowsExactlyAsync<NotSupportedException>(()
            => matryoshka.GenerateAsync(["a"], new() { Dimensions = 5 }))).Message);
        using var trained =
            ContrastiveTrainer.Train(matryoshka, TinyEncoder.Triplets(20), new() { BatchSize = 8, KeepStartIfWorse = false });
        Assert.IsEmpty(trained.Encoder.MatryoshkaDimensions, "training looks at whole vectors");
        string folder = _temporary.New("trained");
        trained.Encoder.Save(folder);
        using var loaded = SentenceEncoder.Load(folder);
        Assert.IsEmpty(loaded.MatryoshkaDimensions);
    }

    [TestMethod]
    [DataRow("\"matryoshka_dimensions\": [0]")]
    [DataRow("\"matryoshka_dimensions\": [17]")]
    [DataRow("\"matryoshka_dimensions\": 8")]
    public void Lengths_that_cannot_be_are_named(string field)
        => Assert.Contains(
            "matryoshka_dimensions must be a list of whole numbers from 1 to 16",
            Assert.ThrowsExactly<InvalidDataException>(() => Matryoshka(field)).Message);

    [TestMethod]
    public async Task A_prompt_is_named_in_the_additional_properties()
    {
        using var encoder = Prompted();
        async Task<float[][]> Generate(string key, object? value)
            => Vectors(await encoder.GenerateAsync(["a cat"], new() { AdditionalProperties = new() { [key] = value } }));
        Assert.AreEqual(0,
            Golden.WorstDifference(encoder.Encode(["a cat"], new() { PromptName = "query" }), await Generate("prompt_name", "query")));
        Assert.AreEqual(0,
            Golden.WorstDifference(encoder.Encode(["a cat"], new() { Prompt = "my dog " }), await Generate("prompt", "my dog ")));
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(["a cat"]), await Generate("not ours", 5)));
        Assert.Contains("'query'", (await Assert.ThrowsExactlyAsync<ArgumentException>(() => Generate("prompt_name", "x"))).Message);
        Assert.Contains("Int32", (await Assert.ThrowsExactlyAsync<ArgumentException>(() => Generate("prompt_name", 5))).Message);
        EmbeddingGenerationOptions hidden = new() { RawRepresentationFactory = _ => new EncodingOptions { PromptName = "query" } };
        Assert.Contains("AdditionalProperties",
            (await Assert.ThrowsExactlyAsync<NotSupportedException>(() => encoder.GenerateAsync(["a"], hidden))).Message);
    }

    [TestMethod]
    public async Task A_cache_tells_prompts_and_lengths_apart_and_saves_the_work()
    {
        using var encoder = Prompted();
        using var generator = encoder.AsBuilder()
            .UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()))).Build();
        EmbeddingGenerationOptions query = new() { AdditionalProperties = new() { ["prompt_name"] = "query" } };
        var (first, asQuery) =
            (Vectors(await generator.GenerateAsync(["a cat"])), Vectors(await generator.GenerateAsync(["a cat"], query)));
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(["a cat"]), first));
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(["a cat"], new() { PromptName = "query" }), asQuery));
        long before = encoder.EncodedSentences;
        Assert.AreEqual(0, Golden.WorstDifference(asQuery, Vectors(await generator.GenerateAsync(["a cat"], query))));
        Assert.AreEqual(before, encoder.EncodedSentences, "the second time is the cache's");
    }

    [TestMethod]
    public async Task Logging_telemetry_and_dependency_injection_take_it_as_it_is()
    {
        using var listened =
            new ActivityListener
            {
                ShouldListenTo = source => source.Name == "generator tests",
                Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded
            };
        var activities = new ConcurrentQueue<Activity>();
        listened.ActivityStopped = activities.Enqueue;
        ActivitySource.AddActivityListener(listened);
        var encoder = TinyEncoder.Load();
        var services = new ServiceCollection().AddLogging(b => b.SetMinimumLevel(LogLevel.Trace))
            .AddSingleton<IDistributedCache>(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
        services.AddEmbeddingGenerator(encoder).UseDistributedCache().UseLogging().UseOpenTelemetry(sourceName: "generator tests");
        await using (var provider = services.BuildServiceProvider())
        {
            var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
            Assert.AreEqual(0,
                Golden.WorstDifference(encoder.Encode(["a cat"]), [(await generator.GenerateVectorAsync("a cat")).ToArray()]));
            Assert.AreSame(encoder, generator.GetService<SentenceEncoder>());
        }
        var tags = activities.Single().TagObjects.ToDictionary(t => t.Key, t => t.Value);
        Assert.AreEqual("Microsoft.ML.SynCse", tags["gen_ai.provider.name"]);
        Assert.AreEqual(TinyEncoder.Dimensions, tags["gen_ai.embeddings.dimension.count"]);
        Assert.AreEqual(4L, Convert.ToInt64(tags["gen_ai.usage.input_tokens"]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => encoder.Encode(["a cat"]), "the container disposes what it was given");
    }

    [TestMethod]
    public async Task A_pipeline_can_be_made_for_queries_and_one_for_passages()
    {
        using var encoder = Prompted();
        var queries = encoder.AsBuilder().ConfigureOptions(o => (o.AdditionalProperties ??= [])["prompt_name"] = "query").Build();
        Assert.AreEqual(0,
            Golden.WorstDifference(
            encoder.Encode(["a cat"], new() { PromptName = "query" }), [(await queries.GenerateVectorAsync("a cat")).ToArray()]));
    }

    private SentenceEncoder Prompted()
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), """{"prompts": {"query": "my order: "}}""");
        return SentenceEncoder.Load(folder);
    }

    private SentenceEncoder Matryoshka(string field)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        string config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("{", "{" + field + ", ", StringComparison.Ordinal));
        return SentenceEncoder.Load(folder);
    }

    private static EmbeddingGeneratorMetadata Metadata(SentenceEncoder encoder)
        => (EmbeddingGeneratorMetadata)encoder.GetService(typeof(EmbeddingGeneratorMetadata))!;

    private static float[][] Vectors(GeneratedEmbeddings<Embedding<float>> generated) => [.. generated.Select(e => e.Vector.ToArray())];
}
