using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Encoders;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Sentences of mixed length, made from the default encoder's own words, the same in every run.</summary>
internal static class BenchData
{
    private static readonly string[] Words = "the order arrived late and one of the two lamps was broken so please send me a new one or give my money back".Split(' ');

    /// <summary>Sentences of 3 to 40 words, mostly short as in real text.</summary>
    public static string[] Sentences(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 3 + (int)(37 * Math.Pow(random.NextDouble(), 3))).Select(_ => Words[random.Next(Words.Length)])))];
    }

    /// <summary>Token ids of sentences.</summary>
    public static int[][] Ids(EncoderModel model, string[] sentences) => BatchEncoder.Tokenize(model, sentences, 0, sentences.Length, CancellationToken.None, prompt: "", out _);
}
