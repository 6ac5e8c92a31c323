using System.Text.Json.Nodes;
using Microsoft.ML.Data;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The prompts of E5, BGE and the like: config_sentence_transformers.json and include_prompt of the Pooling module.</summary>
[TestClass]
public sealed class PromptTests
{
    private const string Query = "my order: ", Passage = "your house. ";
    private static readonly string[] _texts = ["a cat is nice", "the bird was late at night", ""];
    private readonly TemporaryFolder _temporary = new();

    [TestCleanup]
    public void RemoveFolder() => _temporary.Dispose();

    [TestMethod]
    [DataRow(null, Query)]
    [DataRow("query", Query)]
    [DataRow("passage", Passage)]
    [DataRow("blank", "")]
    [DataRow("", "")]
    public void A_named_prompt_stands_before_every_text(string? name, string prompt)
    {
        using var encoder = Load(Folder());
        using var plain = TinyEncoder.Load(normalize: true);
        float[][] expected = plain.Encode([.. _texts.Select(t => prompt + t)]);
        Assert.AreEqual(0, Golden.WorstDifference(expected, encoder.Encode(_texts, new() { PromptName = name })));
        Assert.AreEqual(0, Golden.WorstDifference(expected, encoder.Encode(_texts, new() { Prompt = prompt })),
            "the same prompt, literally");
    }

    [TestMethod]
    public void The_prompts_are_told_by_name()
    {
        using var encoder = Load(Folder());
        CollectionAssert.AreEqual(new[] { "query", "passage", "blank" }, encoder.Prompts.Keys.ToArray());
        Assert.AreEqual((Query, "query"), (encoder.Prompts["query"], encoder.DefaultPromptName));
        using var plain = TinyEncoder.Load();
        Assert.IsEmpty(plain.Prompts);
        Assert.IsNull(plain.DefaultPromptName);
    }

    [TestMethod]
    public void A_name_that_is_not_there_is_answered_with_those_that_are()
    {
        using var encoder = Load(Folder());
        var error = Assert.ThrowsExactly<ArgumentException>(() => encoder.Encode(_texts, new() { PromptName = "document" }));
        foreach (string? part in new[] { "'document'", "'query'", "'passage'" }) Assert.Contains(part, error.Message);
        Assert.Contains("'document'",
            Assert.ThrowsExactly<ArgumentException>(() => encoder.EncodeStreamingAsync(None(), new() { PromptName = "document" })).Message);
        using var plain = TinyEncoder.Load();
        Assert.Contains("no prompts",
            Assert.ThrowsExactly<ArgumentException>(() => plain.Encode(_texts, new() { PromptName = "query" })).Message);
        Assert.Contains("both",
            Assert.ThrowsExactly<ArgumentException>(() => encoder.Encode(_texts, new() { PromptName = "query", Prompt = "x" })).Message);
    }

    [TestMethod]
    [DataRow(Pooling.Mean)]
    [DataRow(Pooling.Max)]
    [DataRow(Pooling.Cls)]
    [DataRow(Pooling.AverageFirstLast)]
    public void A_prompt_that_is_not_pooled_is_read_but_does_not_count(Pooling pooling)
    {
        using var encoder = Load(Folder(includePrompt: false), new() { Pooling = pooling, Normalize = false });
        // [CLS] my order : make 4 tokens, counted with the special token before them.
        float[][] expected = _texts.Select(text => Pooled(encoder, Query + text, pooling == Pooling.Cls ? 0 : 4)).ToArray();
        Assert.IsLessThan(1e-5, Golden.WorstDifference(expected, encoder.Encode(_texts)));
        float[][] whole = _texts.Select(text => Pooled(encoder, text, 0)).ToArray();
        Assert.IsLessThan(
            1e-5, Golden.WorstDifference(whole, encoder.Encode(_texts, new() { PromptName = "" })), "without a prompt every token counts");
        if (pooling != Pooling.Cls) Assert.IsGreaterThan(
            1e-2, Golden.WorstDifference(expected, [.. _texts.Select(text => Pooled(encoder, Query + text, 0))]));
    }

    [TestMethod]
    public void A_prompt_longer_than_a_sentence_may_be_leaves_a_vector_of_numbers()
    {
        using var encoder = Load(Folder(includePrompt: false), new() { MaxSequenceLength = 5 });
        float[][] vectors = encoder.Encode(_texts, new() { Prompt = string.Concat(Enumerable.Repeat("cat dog ", 30)) });
        Assert.IsTrue(vectors.All(v => v.All(float.IsFinite)));
    }

    [TestMethod]
    [TestCategory(SharedFolder.Category)]
    [DataRow("golden/architectures/bert")]
    [DataRow("golden/architectures/roberta")]
    [DataRow("golden/architectures/xlm-roberta")]
    [DataRow("models/all-MiniLM-L6-v2")]
    public void What_is_left_out_is_what_sentences_with_the_prompt_have_in_common(string model)
    {
        string source = SharedFolder.Path(model);
        using var encoder = SentenceEncoder.Load(source);
        var prompts = new EncoderPrompts(SentenceTransformersConfig.Read(new FolderFileSource(source)), Pooled: false);
        foreach (string? prompt in new[] { "query: ", "Represent this sentence for searching relevant passages: ", "passage:\n" })
        {
            var (left, right) = (encoder.Tokenize(prompt + "A man is playing"), encoder.Tokenize(prompt + "The quick brown fox"));
            int common = left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.AreEqual(common, encoder.Use(m => prompts.TokensLeftOut(prompt, m.Tokenizer, m.MaxSequenceLength)), prompt);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Prompts_survive_a_folder(bool includePrompt)
    {
        using var encoder = Load(Folder(includePrompt));
        string saved = _temporary.New("saved");
        encoder.Save(saved);
        using var loaded = Load(saved);
        CollectionAssert.AreEqual(encoder.Prompts.ToArray(), loaded.Prompts.ToArray());
        Assert.AreEqual("query", loaded.DefaultPromptName);
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode(_texts), loaded.Encode(_texts)));
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "config_sentence_transformers.json")))!;
        Assert.AreEqual(("dot", "5.0.0"), ((string?)json["similarity_fn_name"], (string?)json["__version__"]!["sentence_transformers"]),
            "what is not ours to change stays");
        var pooling = JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "1_Pooling", "config.json")))!;
        Assert.AreEqual(includePrompt, (bool?)pooling["include_prompt"] ?? true);
    }

    [TestMethod]
    public void Prompts_survive_an_ML_NET_model_which_encodes_with_the_default_one()
    {
        using var encoder = Load(Folder(includePrompt: false));
        var ml = new MLContext(1);
        var data = ml.Data.LoadFromEnumerable(SentenceRow.Many(8));
        string path = _temporary.New("model.zip");
        ml.Model.Save(SavedModel.Step(ml, encoder), data.Schema, path);
        using var loaded = (SynCseEmbeddingTransformer)ml.Model.Load(path, out _);
        float[][] rows = loaded.Transform(data).GetColumn<float[]>("Features").ToArray();
        Assert.AreEqual(0, Golden.WorstDifference(encoder.Encode([.. SentenceRow.Many(8).Select(r => r.Anchor)]), rows));
        Assert.AreEqual("query", loaded.Encoder.DefaultPromptName);
        Assert.AreEqual(0x00010003u, BitConverter.ToUInt32(SavedModel.Content(path, SavedModel.Header), 76),
            "an earlier version would leave the prompt out");
    }

    [TestMethod]
    public void Training_takes_texts_as_they_are_and_says_so()
    {
        using var prompted = Load(Folder());
        using var plain = TinyEncoder.Load(normalize: true);
        ContrastiveTrainingOptions options = new() { BatchSize = 8, KeepStartIfWorse = false };
        using var left = ContrastiveTrainer.Train(prompted, TinyEncoder.Triplets(40), options);
        using var right = ContrastiveTrainer.Train(plain, TinyEncoder.Triplets(40), options);
        CollectionAssert.AreEqual(
            right.Summary.Evaluations.Select(e => e.Score).ToArray(), left.Summary.Evaluations.Select(e => e.Score).ToArray());
        Assert.AreEqual(0, Golden.WorstDifference(right.Encoder.Encode(_texts), left.Encoder.Encode(_texts, new() { PromptName = "" })));
        Assert.HasCount(1, left.Summary.Warnings.Where(w => w.Contains("'query'", StringComparison.Ordinal)));
        Assert.AreEqual("query", left.Encoder.DefaultPromptName, "the tuned encoder keeps its prompts");
    }

    [TestMethod]
    [DataRow("""{"prompts": ["a"]}""", "prompts must be an object")]
    [DataRow("""{"prompts": {"query": 3}}""", "prompts.query must be a text")]
    [DataRow("""{"prompts": {"query": "q: "}, "default_prompt_name": "document"}""", "'document', which is none of its prompts (query)")]
    [DataRow("""{"default_prompt_name": 1}""", "default_prompt_name must be a text")]
    public void Prompts_that_make_no_sense_are_named(string json, string message)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), json);
        Assert.Contains(message, Assert.ThrowsExactly<InvalidDataException>(() => SentenceEncoder.Load(folder)).Message);
    }

    private string Folder(bool includePrompt = true)
    {
        string folder = TinyEncoder.WriteFolder(_temporary, normalize: true);
        File.WriteAllText(Path.Combine(folder, "config_sentence_transformers.json"), $$"""
            {"__version__": {"sentence_transformers": "5.0.0"}, "prompts": {"query": "{{Query}}", "passage": "{{Passage}}",
            "blank": null}, "default_prompt_name": "query", "similarity_fn_name": "dot"}
            """);
        if (!includePrompt)
            File.WriteAllText(
                Path.Combine(folder, "1_Pooling", "config.json"),
                """{"word_embedding_dimension": 16, "pooling_mode_mean_tokens": true, "include_prompt": false}""");
        return folder;
    }

    private static SentenceEncoder Load(string folder, SentenceEncoderOptions? options = null) => SentenceEncoder.Load(folder, options);

    /// <summary>The pooling by hand over the network's own states, from a token on.</summary>
    private static float[] Pooled(SentenceEncoder encoder, string text, int from) => encoder.Use(model =>
    {
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        var batch = TokenBatch.Create([model.Tokenizer.Encode(text, model.MaxSequenceLength, out _)], model.Tokenizer.PadId, torch.CPU);
        float[][][] layers = model.Network.Forward(model.Network.TokenEmbeddings(batch.Ids.view(-1)), batch, Dropout.None, _ => true)
            .Select(layer => Golden.Rows(layer.squeeze(0).contiguous())[from..]).ToArray();
        float Over(Func<int, float> value) => Enumerable.Range(0, layers[^1].Length).Average(value);
        return Enumerable.Range(0, TinyEncoder.Dimensions).Select(d => model.Pooling switch
        {
            Pooling.Mean => Over(t => layers[^1][t][d]),
            Pooling.Max => layers[^1].Max(token => token[d]),
            Pooling.Cls => layers[^1][0][d],
            _ => Over(t => (layers[0][t][d] + layers[^1][t][d]) / 2),
        }).ToArray();
    });

    private static async IAsyncEnumerable<string> None()
    {
        await Task.CompletedTask;
        yield break;
    }
}
