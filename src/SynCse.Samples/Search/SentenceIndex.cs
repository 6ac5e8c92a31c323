using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>Sentences and their unit vectors in memory; every search looks at all of them, which is exact and fast up to some hundred
/// thousand.</summary>
internal sealed class SentenceIndex
{
    private readonly List<(int Line, string Text, float[] Vector)> _rows = [];

    private SentenceIndex()
    {
    }

    public int Count => _rows.Count;

    /// <summary>Encodes a stream of lines; empty ones are left out.</summary>
    public static async Task<SentenceIndex> BuildAsync(
        SentenceEncoder encoder, IAsyncEnumerable<string> lines, EncodingOptions options, Action<int> progress,
        CancellationToken cancellationToken)
    {
        var index = new SentenceIndex();
        // The encoder reads ahead a window at a time, so the lines wait here for their vectors.
        var waiting = new Queue<(int Line, string Text)>();
        await foreach (float[] vector in encoder.EncodeStreamingAsync(
            Remember(lines, waiting, cancellationToken), options, cancellationToken))
        {
            var (line, text) = waiting.Dequeue();
            index._rows.Add((line, text, Unit(vector)));
            if (index.Count % 1000 == 0) progress(index.Count);
        }
        return index;
    }

    /// <summary>The nearest, best first; of equals the earlier line.</summary>
    public IReadOnlyList<SentenceMatch> Nearest(float[] query, int top)
    {
        float[] unit = Unit(query);
        return [.. _rows.Select(row => new SentenceMatch(TensorPrimitives.Dot<float>(unit, row.Vector), row.Line, row.Text))
            .OrderByDescending(match => match.Cosine).ThenBy(match => match.Line).Take(top)];
    }

    private static async IAsyncEnumerable<string> Remember(
        IAsyncEnumerable<string> lines, Queue<(int Line, string Text)> waiting,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int number = 0;
        await foreach (string? line in lines.WithCancellation(cancellationToken))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            waiting.Enqueue((number, line));
            yield return line;
        }
    }

    private static float[] Unit(float[] vector)
    {
        float length = TensorPrimitives.Norm<float>(vector);
        if (length > 0) TensorPrimitives.Divide(vector, length, vector);
        return vector;
    }
}
