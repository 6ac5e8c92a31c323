using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The token ids of every row, made once for all epochs.</summary>
internal sealed class TokenizedRows
{
    private readonly int[][][] _rows;
    private readonly float[]? _weights;

    /// <summary>Tokenizes all texts at the training length.</summary>
    public TokenizedRows(SentenceTokenizer tokenizer, IReadOnlyList<TrainingExample> rows, int maxTokens, CancellationToken cancellationToken)
    {
        _rows = new int[rows.Count][][];
        _weights = rows.All(r => r.Weight == 1) ? null : [.. rows.Select(r => r.Weight)];
        int truncated = 0;
        ParallelRange.Run(rows.Count, i =>
        {
            _rows[i] = [.. TrainingSet.Texts(rows[i]).Select(text =>
            {
                var ids = tokenizer.Encode(text, maxTokens, out bool cut);
                if (cut) Interlocked.Increment(ref truncated);
                return ids;
            })];
        }, cancellationToken);
        TruncatedSentences = truncated;
        Positives = Math.Max(1, rows[0].Positives.Count);
    }

    /// <summary>How many positives every row has in a stack; the second pass of an anchor alone is its positive.</summary>
    public int Positives { get; }

    /// <summary>Sentences that lost tokens.</summary>
    public int TruncatedSentences { get; }

    /// <summary>The batch's sentences: all anchors, then all first positives, ..., then all first negatives, ...; anchors alone come twice.</summary>
    public IReadOnlyList<int[]> Stack(int[] batch)
    {
        int columns = _rows[batch[0]].Length;
        var columnsOfPass = columns == 1 ? [0, 0] : Enumerable.Range(0, columns);
        return [.. columnsOfPass.SelectMany(column => batch.Select(row => _rows[row][column]))];
    }

    /// <summary>The batch's row weights; null where every row of the run has weight 1.</summary>
    public float[]? Weights(int[] batch) => _weights is null ? null : Array.ConvertAll(batch, row => _weights[row]);
}
