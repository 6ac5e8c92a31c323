namespace Microsoft.ML.SynCse.Tests;

/// <summary>An encoder's vectors beside those that transformers and PyTorch made of the same texts.</summary>
internal static class GoldenVectors
{
    private static readonly (Pooling Pooling, string Name)[] _poolings =
        [(Pooling.Cls, "cls"), (Pooling.Mean, "mean"), (Pooling.Max, "max"), (Pooling.AverageFirstLast, "avg_first_last"),
            (Pooling.AverageTopTwo, "avg_top2")];

    /// <summary>Fails where a pooling's vectors deviate by more than the tolerance.</summary>
    /// <param name="model">The encoder's folder.</param>
    /// <param name="expected">The path of the .json with the texts and of the .safetensors with the vectors, without its ending.</param>
    /// <param name="tolerance">The largest absolute deviation of a value.</param>
    /// <param name="context">Where the deviations are written.</param>
    public static void Check(string model, string expected, double tolerance, TestContext context)
    {
        var json = Golden.JsonFile(expected + ".json");
        string[] texts = json["texts"]!.AsArray().Select(t => (string)t!).ToArray();
        int? length = (int?)json["max_length"];
        var tensors = Golden.TensorFile(expected + ".safetensors");
        var compared = _poolings.Where(p => tensors.ContainsKey(p.Name)).ToArray();
        Assert.IsNotEmpty(compared);
        foreach (var (pooling, name) in compared)
        {
            using var encoder = SentenceEncoder.Load(model, new() { Pooling = pooling, Normalize = false, MaxSequenceLength = length });
            double worst = Golden.WorstDifference(Golden.Rows(tensors[name]), encoder.Encode(texts));
            context.WriteLine($"{model} {name}: worst deviation {worst:e2}");
            Assert.IsLessThan(tolerance, worst, name);
        }
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }
}
