using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.ML.SynCse.Native;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Two encoders of one name and other weights: nothing that keeps vectors, or what was decided by them, may take one for the
/// other.</summary>
[TestClass]
public sealed class EncoderIdentityTests
{
    private const string Name = "acme/tickets";

    private readonly TemporaryFolder _folder = new();
    private readonly SentenceEncoder _one, _other;

    public EncoderIdentityTests() => (_one, _other) = (Named(7), Named(8));

    [TestCleanup]
    public void Clean()
    {
        _one.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    public void They_have_one_name_and_two_ids()
    {
        Assert.AreEqual((Name, Name), (_one.Card.Name, _other.Card.Name));
        Assert.AreNotEqual(Id(_one), Id(_other));
        using var same = Named(7);
        Assert.AreEqual(Id(_one), Id(same));
    }

    [TestMethod]
    public void The_id_is_the_one_that_existing_stores_and_checkpoints_have()
    {
        using var encoder = SentenceEncoder.LoadDefault();
        Assert.AreEqual("1f1da5a59a225df9", Id(encoder));
    }

    [TestMethod]
    public async Task The_name_is_an_alias_of_either_and_the_vectors_tell_the_id()
    {
        foreach (var encoder in new[] { _one, _other })
            foreach (string? asked in new[] { Name, Id(encoder), null })
                Assert.AreEqual(Id(encoder), (await encoder.GenerateAsync(["a cat"], new() { ModelId = asked })).Single().ModelId);
        await Assert.ThrowsExactlyAsync<NotSupportedException>(() => _one.GenerateAsync(["a cat"], new() { ModelId = Id(_other) }));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(Name)]
    public async Task They_share_no_entry_of_a_cache(string? modelId)
    {
        var cache = Cache();
        var options = modelId is null ? null : new EmbeddingGenerationOptions { ModelId = modelId };
        using var one = _one.AsBuilder().UseDistributedCache(cache).Build();
        using var other = new EmbeddingGeneratorBuilder<string, Embedding<float>>(_other).ConfigureOptions(_ => { })
            .UseDistributedCache(cache, c => c.CacheKeyAdditionalValues = ["mine"]).UseOpenTelemetry().Build();
        foreach (string[] texts in new string[][] { ["a cat"], ["a cat", "my order"] })
        {
            await AssertVectors(_one, one, texts, options);
            await AssertVectors(_other, other, texts, options);
        }
    }

    [TestMethod]
    public async Task They_share_no_entry_where_dependency_injection_makes_the_pipelines()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IDistributedCache>(Cache());
        services.AddKeyedEmbeddingGenerator("one", _one).UseDistributedCache();
        services.AddKeyedEmbeddingGenerator("other", _other).UseDistributedCache();
        await using var provider = services.BuildServiceProvider();
        foreach (var (key, encoder) in new[] { ("one", _one), ("other", _other), ("one", _one) })
            await AssertVectors(encoder, provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key), ["a cat"],
                null);
    }

    [TestMethod]
    public async Task One_encoder_loaded_twice_shares_its_entries_and_another_precision_has_its_own()
    {
        var cache = Cache();
        using var first = _one.AsBuilder().UseDistributedCache(cache).Build();
        await first.GenerateAsync(["a cat"]);
        using var again = Named(7);
        using var second = again.AsBuilder().UseDistributedCache(cache).Build();
        await AssertVectors(_one, second, ["a cat"], null);
        Assert.AreEqual(0, again.EncodedSentences);
        BFloat16Support.Pretended.Value = true;
        using var half = Named(7, new() { Precision = Precision.BFloat16 });
        using var third = half.AsBuilder().UseDistributedCache(cache).Build();
        await third.GenerateAsync(["a cat"]);
        Assert.AreEqual(1, half.EncodedSentences);
        BFloat16Support.Pretended.Value = null;
    }

    [TestMethod]
    public async Task Another_generator_is_cached_as_without_this_library()
    {
        var cache = Cache();
        using var ours = Other().AsBuilder().UseDistributedCache(cache).Build();
        await ours.GenerateAsync(["a cat"]);
        int calls = 0;
        using var counted = DistributedCachingEmbeddingGeneratorBuilderExtensions
            .UseDistributedCache<string, Embedding<float>>(Other(() => calls++).AsBuilder(), cache).Build();
        await counted.GenerateAsync(["a cat"]);
        Assert.AreEqual(0, calls, "the key is another one");

        static FakeGenerator Other(Action? called = null) => new(called ?? (() => { }));
    }

    [TestMethod]
    public void They_share_no_checkpoint()
    {
        string folder = _folder.New("checkpoints");
        ContrastiveTrainingOptions options = new()
        {
            BatchSize = 8,
            CheckpointFolder = folder,
            CheckpointEvery = 1,
            Epochs = 1,
            Resume = true,
        };
        ContrastiveTrainer.Train(_one, TinyEncoder.Triplets(32), options).Dispose();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(()
            => ContrastiveTrainer.Train(_other, TinyEncoder.Triplets(32), options)).Message, "another encoder");
    }

    [TestMethod]
    public async Task They_share_no_verdict_of_a_journal()
    {
        string journal = _folder.New("journal");
        foreach (var (encoder, fresh) in new[] { (_one, true), (_one, false), (_other, true) })
        {
            long before = encoder.EncodedSentences;
            var check = new SimilarityGapCheck(encoder, margin: -2, floor: -1);
            await using var synthesizer = new TripletSynthesizer(Writers.Good(), new() { JournalPath = journal, PairChecks = [check] });
            await foreach (var outcome in synthesizer.SynthesizeAsync(["Order number 3 came late"])) Assert.IsNotNull(outcome.Example);
            Assert.AreEqual(fresh, encoder.EncodedSentences > before);
        }
    }

    [TestMethod]
    [DoNotParallelize]
    public async Task One_encoder_in_another_precision_has_the_id_and_another_identity_and_shares_no_verdict()
    {
        BFloat16Support.Pretended.Value = true;
        using var half = Named(7, new() { Precision = Precision.BFloat16 });
        BFloat16Support.Pretended.Value = null;
        Assert.AreEqual(Id(_one), Id(half));
        Assert.AreEqual(Id(_one), EmbeddingIdentity.Of(_one));
        Assert.AreEqual($"{Id(half)}, BFloat16", EmbeddingIdentity.Of(half));
        using var pipeline = half.AsBuilder().ConfigureOptions(_ => { }).UseDistributedCache(Cache()).UseOpenTelemetry().Build();
        Assert.AreEqual(EmbeddingIdentity.Of(half), EmbeddingIdentity.Of(pipeline));
        Assert.IsNull(half.GetService(typeof(string)));
        Assert.IsNull(half.GetService(typeof(string), "another key"));
        Assert.IsNull(EmbeddingIdentity.Of(new FakeGenerator(() => { })));

        // As journals of before have it.
        Assert.AreEqual($"Microsoft.ML.SynCse/{Id(_one)}", new SimilarityGapCheck(_one).Source);
        string journal = _folder.New("journal");
        foreach (var (encoder, fresh) in new[] { (_one, true), (_one, false), (half, true), (half, false), (_one, false) })
        {
            long before = encoder.EncodedSentences;
            var check = new SimilarityGapCheck(encoder, margin: -2, floor: -1);
            await using var synthesizer = new TripletSynthesizer(Writers.Good(), new() { JournalPath = journal, PairChecks = [check] });
            await foreach (var outcome in synthesizer.SynthesizeAsync(["Order number 3 came late"])) Assert.IsNotNull(outcome.Example);
            Assert.AreEqual(fresh, encoder.EncodedSentences > before);
        }
    }

    private static MemoryDistributedCache Cache() => new(Options.Create(new MemoryDistributedCacheOptions()));

    private static string Id(SentenceEncoder encoder)
        => ((EmbeddingGeneratorMetadata)encoder.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelId!;

    private static async Task AssertVectors(SentenceEncoder expected, IEmbeddingGenerator<string, Embedding<float>> generator,
        string[] texts, EmbeddingGenerationOptions? options)
    {
        var generated = await generator.GenerateAsync(texts, options);
        Assert.IsLessThan(1e-5, Golden.WorstDifference(expected.Encode(texts), [.. generated.Select(e => e.Vector.ToArray())]));
        Assert.IsTrue(generated.All(e => e.ModelId == Id(expected)));
    }

    private SentenceEncoder Named(int seed, SentenceEncoderOptions? options = null)
    {
        string folder = _folder.New("named");
        using (var encoder = TinyEncoder.Load(seed)) encoder.Save(folder, new SaveOptions { Card = new() { Name = Name } });
        return SentenceEncoder.Load(folder, options);
    }

    private sealed class FakeGenerator(Action called) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            called();
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(v
                => new Embedding<float>(new float[] { v.Length }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
