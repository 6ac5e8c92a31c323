using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class SentenceEncoderTests
{
    [TestMethod]
    public void Vectors_come_in_input_order_whatever_the_batches()
    {
        using var small = TinyEncoder.Load(options: new() { MaxTokensPerBatch = 16 });
        using var large = TinyEncoder.Load(options: new() { MaxTokensPerBatch = 100_000 });
        string[] sentences = [.. TinyEncoder.Sentences(300), "", "   ", "cat"];
        float[][] alone = sentences.Select(s => small.Encode([s])[0]).ToArray();
        Assert.IsLessThan(1e-5, Golden.WorstDifference(alone, small.Encode(sentences)));
        Assert.IsLessThan(1e-5, Golden.WorstDifference(alone, large.Encode(sentences)));
        Assert.IsLessThan(1e-5, Golden.WorstDifference(alone, small.Encode(sentences, new() { WindowSize = 7 })));
    }

    [TestMethod]
    [DataRow(Pooling.Cls)]
    [DataRow(Pooling.Mean)]
    [DataRow(Pooling.Max)]
    [DataRow(Pooling.AverageFirstLast)]
    [DataRow(Pooling.AverageTopTwo)]
    public void Padding_changes_no_vector(Pooling pooling)
    {
        using var encoder = TinyEncoder.Load(options: new() { Pooling = pooling });
        float[][] vectors = encoder.Encode(["cat", "the dog was not nice my order is late"]);
        Assert.IsLessThan(1e-5, Golden.WorstDifference([encoder.Encode(["cat"])[0]], [vectors[0]]));
    }

    [TestMethod]
    public void Normalised_vectors_have_length_one_and_the_option_overrules_the_folder()
    {
        using var folderSaysSo = TinyEncoder.Load(normalize: true);
        using var overruled = TinyEncoder.Load(normalize: true, options: new() { Normalize = false });
        Assert.AreEqual(1, Length(folderSaysSo.Encode(["a cat"])[0]), 1e-5);
        Assert.AreNotEqual(1, Length(overruled.Encode(["a cat"])[0]), 1e-3);
        Assert.IsTrue(folderSaysSo.Normalized);
        Assert.IsFalse(overruled.Normalized);
    }

    [TestMethod]
    public void Sentences_are_cut_at_the_length_asked_for()
    {
        using var encoder = TinyEncoder.Load(options: new() { MaxSequenceLength = 5 });
        Assert.HasCount(5, encoder.Tokenize("the cat is not my cat"));
        Assert.IsLessThan(1e-6, Golden.WorstDifference(encoder.Encode(["the cat is"]), encoder.Encode(["the cat is not my cat"])));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(41)]
    public void A_length_the_model_does_not_have_is_named(int length)
        => Assert.Contains(
            "SentenceEncoderOptions.MaxSequenceLength must be from 3 to the model's 40",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(()
            => TinyEncoder.Load(options: new() { MaxSequenceLength = length })).Message);

    [TestMethod]
    public void A_null_sentence_is_named_by_its_index()
    {
        using var encoder = TinyEncoder.Load();
        Assert.Contains("sentences[1]", Assert.ThrowsExactly<ArgumentException>(() => encoder.Encode(["a", null!])).Message);
    }

    [TestMethod]
    public async Task A_null_in_a_stream_is_named_by_its_place_in_the_stream()
    {
        using var encoder = TinyEncoder.Load();
        var error = await Assert.ThrowsExactlyAsync<ArgumentException>(async () =>
        {
            await foreach (float[] _ in encoder.EncodeStreamingAsync(Stream(["a", "b", null!]), new() { WindowSize = 2 })) { }
        });
        Assert.Contains("Sentence 2 of the stream", error.Message);
    }

    [TestMethod]
    public void No_sentences_give_no_vectors()
    {
        using var encoder = TinyEncoder.Load();
        Assert.IsEmpty(encoder.Encode([]));
    }

    [TestMethod]
    public void Progress_counts_sentences_and_tokens()
    {
        using var encoder = TinyEncoder.Load(options: new() { MaxTokensPerBatch = 64 });
        string[] sentences = TinyEncoder.Sentences(50);
        var reports = new List<EncodingProgress>();
        encoder.Encode(sentences, progress: new Inline<EncodingProgress>(reports.Add));
        Assert.AreEqual(new EncodingProgress(50, 50, sentences.Sum(s => encoder.Tokenize(s).Count)), reports[^1]);
        Assert.IsGreaterThan(3, reports.Count);
    }

    [TestMethod]
    public void Cancelling_ends_an_encode()
    {
        using var encoder = TinyEncoder.Load(options: new() { MaxTokensPerBatch = 16 });
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(()
            => encoder.Encode(TinyEncoder.Sentences(100), progress: new Inline<EncodingProgress>(_ => source.Cancel()),
                cancellationToken: source.Token));
    }

    [TestMethod]
    public async Task A_stream_gives_the_same_vectors_in_order()
    {
        using var encoder = TinyEncoder.Load();
        string[] sentences = TinyEncoder.Sentences(100);
        var streamed = new List<float[]>();
        await foreach (float[] vector in encoder.EncodeStreamingAsync(Stream(sentences), new() { WindowSize = 16 })) streamed.Add(vector);
        Assert.IsLessThan(1e-5, Golden.WorstDifference(encoder.Encode(sentences), streamed));
    }

    [TestMethod]
    public async Task A_stream_is_read_a_window_at_a_time()
    {
        using var encoder = TinyEncoder.Load();
        int read = 0;
        async IAsyncEnumerable<string> Counted()
        {
            foreach (string sentence in TinyEncoder.Sentences(100))
            {
                read++;
                yield return sentence;
                await Task.CompletedTask;
            }
        }

        await foreach (float[] _ in encoder.EncodeStreamingAsync(Counted(), new() { WindowSize = 10 })) break;
        Assert.AreEqual(10, read);
    }

    [TestMethod]
    public async Task Embeddings_generate_with_usage_and_metadata()
    {
        using var encoder = TinyEncoder.Load();
        var generated = await encoder.GenerateAsync(["a cat", "my order"]);
        Assert.IsLessThan(
            1e-6, Golden.WorstDifference(encoder.Encode(["a cat", "my order"]), [.. generated.Select(e => e.Vector.ToArray())]));
        Assert.AreEqual(8, generated.Usage!.InputTokenCount);
        var metadata = (Microsoft.Extensions.AI.EmbeddingGeneratorMetadata)encoder.GetService(
            typeof(Microsoft.Extensions.AI.EmbeddingGeneratorMetadata))!;
        Assert.AreEqual(TinyEncoder.Dimensions, metadata.DefaultModelDimensions);
        await Assert.ThrowsExactlyAsync<NotSupportedException>(() => encoder.GenerateAsync(["a"], new() { Dimensions = 3 }));
    }

    [TestMethod]
    public void A_disposed_encoder_says_so_and_frees_its_tensors()
    {
        long before = LiveTensors.Settled();
        var encoder = TinyEncoder.Load();
        encoder.Encode(["a cat"]);
        encoder.Dispose();
        encoder.Dispose();
        Assert.AreEqual(before, torch.Tensor.TotalCount);
        Assert.ThrowsExactly<ObjectDisposedException>(() => encoder.Encode(["a cat"]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => encoder.Tokenize("a cat"));
    }

    [TestMethod]
    public void Disposing_from_within_an_encode_is_refused_rather_than_left_hanging()
    {
        using var encoder = TinyEncoder.Load();
        Assert.ThrowsExactly<LockRecursionException>(()
            => encoder.Encode(["a cat"], progress: new Inline<EncodingProgress>(_ => encoder.Dispose())));
    }

    [TestMethod]
    public void A_long_stream_leaves_no_tensor_behind()
    {
        using var encoder = TinyEncoder.Load();
        encoder.Encode(TinyEncoder.Sentences(10));
        long before = LiveTensors.Settled();
        for (int i = 0; i < 20; i++) encoder.Encode(TinyEncoder.Sentences(200, i));
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    private static double Length(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));

    private static async IAsyncEnumerable<string> Stream(IEnumerable<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            await Task.Yield();
            yield return sentence;
        }
    }
}
