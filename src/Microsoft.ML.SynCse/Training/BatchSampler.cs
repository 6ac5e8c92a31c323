using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The order of rows: batches by (seed, epoch), with rows kept apart that would be each other's false negatives.</summary>
internal sealed class BatchSampler
{
    // How many batches of conflicting rows are put off before one takes them after all: bounds the search in sets with few distinct sentences.
    private const int MaxPutOff = 50;

    private readonly int _rows, _batchSize, _seed;
    private readonly bool _shuffle;
    private readonly RowTexts[]? _texts;

    /// <summary>Plans batches over the rows.</summary>
    public BatchSampler(IReadOnlyList<TrainingExample> rows, ContrastiveTrainingOptions options)
    {
        (_rows, _batchSize, _seed, _shuffle) = (rows.Count, Math.Min(options.BatchSize, rows.Count), options.Seed, options.Shuffle);
        _texts = options.AvoidDuplicatesInBatch ? RowTexts.Of(rows) : null;
        StepsPerEpoch = options.DropLastBatch ? _rows / _batchSize : (_rows + _batchSize - 1) / _batchSize;
    }

    /// <summary>How many rows went into a batch with texts of theirs in it so far, because no other batch could take them.</summary>
    public int Forced { get; private set; }

    /// <summary>Batches in an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The batches of an epoch, counted from 1: indices of rows.</summary>
    public IEnumerable<int[]> Epoch(int epoch)
    {
        var order = Order(epoch);
        return (_texts is null ? order.Chunk(_batchSize) : KeepApart(order, _texts)).Take(StepsPerEpoch);
    }

    private int[] Order(int epoch)
    {
        var order = Enumerable.Range(0, _rows).ToArray();
        if (!_shuffle) return order;
        for (int i = order.Length - 1; i > 0; i--)
        {
            int other = (int)(SeedMixer.Mix(_seed, epoch, i) % (i + 1));
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }

    private IEnumerable<int[]> KeepApart(int[] order, RowTexts[] texts)
    {
        var waiting = new List<int>();
        int next = 0;
        while (waiting.Count > 0 || next < order.Length)
        {
            var batch = new List<int>(_batchSize);
            var taken = new TakenTexts();
            var stillWaiting = new List<int>();
            foreach (int row in waiting) Place(row);
            while (batch.Count < _batchSize && next < order.Length && stillWaiting.Count < MaxPutOff * _batchSize) Place(order[next++]);
            int forced = Math.Min(_batchSize - batch.Count, stillWaiting.Count);
            batch.AddRange(stillWaiting.Take(forced));
            waiting = stillWaiting[forced..];
            Forced += forced;
            yield return [.. batch];

            void Place(int row)
            {
                if (batch.Count < _batchSize && taken.TryAdd(texts[row])) batch.Add(row);
                else stillWaiting.Add(row);
            }
        }
    }
}
