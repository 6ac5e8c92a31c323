using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Encoders.Architectures;
using Microsoft.ML.SynCse.Training.Objectives;
using TorchSharp;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The gradient of every tensor of every architecture against finite differences, in float64, through pooling and loss; and what a
/// batch must not change.</summary>
[TestClass]
public sealed class ArchitectureGradientTests
{
    private const double Step = 1e-5;

    // Two anchors and their two positives, of unequal lengths, the padding id of the fairseq kinds never inside.
    private static readonly int[][] _sentences = [[2, 5, 9, 11, 3], [2, 7, 3], [2, 5, 10, 3], [2, 8, 6, 4, 12, 13, 3]];

    public static IEnumerable<object[]> Cases
        => RandomNetwork.Kinds.SelectMany(kind => new[] { new object[] { kind, false }, [kind, true] });

    public static IEnumerable<object[]> Probabilities
        => RandomNetwork.Kinds.SelectMany(kind => new[] { new object[] { kind, 0.0 }, [kind, 0.3] });

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Every_gradient_is_that_of_finite_differences(string kind, bool explicitAttention)
    {
        using var scope = torch.NewDisposeScope();
        using var network = RandomNetwork.Create(kind, torch.ScalarType.Float64);
        using var trained = network.Clone(torch.CPU);
        torch.Tensor Loss() => TestLoss(trained, explicitAttention);

        Loss().backward();
        var tensors = trained.Weights.Tensors;
        double worst = 0;
        foreach (var (name, tensor) in tensors)
        {
            Assert.IsNotNull(tensor.grad, $"{name} has no gradient");
            worst = Math.Max(worst, WorstOf(tensor, name, Loss));
        }
        TestContext.WriteLine(
            $"{kind}, {(explicitAttention ? "explicit" : "fused")} attention: {tensors.Count} tensors, "
                + $"worst relative deviation {worst:e2}");
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void The_batch_changes_no_vector(string kind, bool explicitAttention)
    {
        using var scope = torch.NewDisposeScope();
        using var network = RandomNetwork.Create(kind, torch.ScalarType.Float64);
        var together = Pooled(network, _sentences, explicitAttention);
        for (int i = 0; i < _sentences.Length; i++)
        {
            double deviation = together[i].sub(Pooled(network, [_sentences[i]], explicitAttention)[0]).abs().max().item<double>();
            Assert.IsLessThan(1e-12, deviation, $"sentence {i} of {kind}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Probabilities))]
    public void Without_gradients_vectors_are_the_same(string kind, double probability)
    {
        using var scope = torch.NewDisposeScope();
        using var network = RandomNetwork.Create(kind, torch.ScalarType.Float64);
        using var trained = network.Clone(torch.CPU);
        Assert.IsTrue(
            network.Weights.Tensors.Where(t => t.Key.EndsWith(".bias", StringComparison.Ordinal)).All(
                t => t.Value.abs().max().item<double>() > 0.01));
        var learning = Pooled(trained, _sentences, probability);
        Assert.IsTrue(learning.requires_grad);
        using var off = torch.no_grad();
        Assert.IsLessThan(1e-12, Pooled(trained, _sentences, probability).sub(learning).abs().max().item<double>());
    }

    [TestMethod]
    public void Electra_without_a_smaller_embedding_has_no_projection()
    {
        using var network = RandomNetwork.Create("electra", change: json => json["embedding_size"] = RandomNetwork.Hidden);
        Assert.IsFalse(network.Weights.Tensors.ContainsKey("embeddings_project.weight"));
        using var scope = torch.NewDisposeScope();
        Assert.AreEqual(RandomNetwork.Hidden, Pooled(network, _sentences, false).shape[1]);
    }

    [TestMethod]
    [DataRow("roberta")]
    [DataRow("xlm-roberta")]
    public void Without_a_padding_id_that_of_the_architecture_holds(string kind)
    {
        using var said = RandomNetwork.Create(kind);
        using var unsaid = RandomNetwork.Create(kind, change: json => json.Remove("pad_token_id"));
        using var scope = torch.NewDisposeScope();
        Assert.AreEqual(0, Pooled(said, _sentences, false).sub(Pooled(unsaid, _sentences, false)).abs().max().item<float>());
        Assert.AreEqual(said.MaxTokens, unsaid.MaxTokens);
    }

    [TestMethod]
    [DataRow("mpnet", "relative_attention_num_buckets", 7)]
    [DataRow("mpnet", "max_position_embeddings", 4)]
    [DataRow("xlm-roberta", "max_position_embeddings", 4)]
    [DataRow("distilbert", "n_heads", 5)]
    [DataRow("electra", "embedding_size", 0)]
    public void A_configuration_out_of_sense_names_its_field(string kind, string field, int value)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => RandomNetwork.Create(kind, change: json => json[field] = value).Dispose());
        StringAssert.Contains(error.Message, field);
        StringAssert.Contains(error.Message, "config.json");
    }

    private static double WorstOf(torch.Tensor tensor, string name, Func<torch.Tensor> loss)
    {
        var gradient = tensor.grad!.clone();
        double scale = Math.Max(gradient.abs().max().item<double>(), 1e-3), worst = 0;
        // Every eleventh element, so that each tensor has several and a table its rows of words that are there and that are not.
        for (long at = 0; at < tensor.numel(); at += 11)
        {
            double Nudged(double by)
            {
                using var scope = torch.NewDisposeScope();
                using var off = torch.no_grad();
                tensor.view(-1)[at].add_(by);
                double value = loss().item<double>();
                tensor.view(-1)[at].add_(-by);
                return value;
            }

            double expected = (Nudged(Step) - Nudged(-Step)) / (2 * Step),
                deviation = Math.Abs(gradient.view(-1)[at].item<double>() - expected) / scale;
            Assert.IsLessThan(1e-6, deviation, $"{name}[{at}]");
            worst = Math.Max(worst, deviation);
        }
        return worst;
    }

    private static torch.Tensor TestLoss(TransformerNetwork network, bool explicitAttention)
    {
        var vectors = Pooled(network, _sentences, explicitAttention);
        return new InfoNceLoss(0.5, 0).Compute(StepVectors.Of(vectors, 2, 1));
    }

    // A probability too small to hit anything takes the path of training without changing a value.
    private static torch.Tensor Pooled(TransformerNetwork network, int[][] sentences, bool explicitAttention)
        => Pooled(network, sentences, explicitAttention ? 1e-15 : 0);

    private static torch.Tensor Pooled(TransformerNetwork network, int[][] sentences, double attentionDropout)
    {
        var batch = TokenBatch.Create(sentences, 1, torch.CPU);
        using var generator = new torch.Generator(1);
        var dropout = Dropout.From(0, attentionDropout, generator);
        var states = network.Forward(network.TokenEmbeddings(batch.Ids.view(-1)), batch, dropout, layer => layer == network.LayerCount);
        return Pooling.Mean.Apply(states, batch.Mask);
    }
}
