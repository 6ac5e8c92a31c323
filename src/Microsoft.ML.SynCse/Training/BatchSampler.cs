using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The batches of every epoch, drawn by seed and epoch; rows that would be each other's false negatives are kept apart.</summary>
internal sealed class BatchSampler
{
    // So many batches of conflicting rows may wait before one takes them in spite of it: limits the search in sets with few distinct
    // sentences.
    private const int MaxWaitingBatches = 50;

    private readonly int _rows, _batchSize, _seed;
    private readonly bool _shuffle;
    private readonly RowTexts[]? _texts;

    /// <summary>A sampler of the rows.</summary>
    public BatchSampler(IReadOnlyList<TrainingExample> rows, ContrastiveTrainingOptions options)
    {
        (_rows, _batchSize, _seed, _shuffle) = (rows.Count, Math.Min(options.BatchSize, rows.Count), options.Seed, options.Shuffle);
        _texts = options.AvoidDuplicatesInBatch ? RowTexts.Of(rows) : null;
        StepsPerEpoch = options.DropLastBatch ? _rows / _batchSize : (_rows + _batchSize - 1) / _batchSize;
    }

    /// <summary>The number of rows so far that share a batch with texts of theirs, because no other batch could take them.</summary>
    public int Forced { get; private set; }

    /// <summary>The number of batches in an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The number of batches in so many epochs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are more than an int can count.</exception>
    public int TotalSteps(int epochs)
    {
        int most = int.MaxValue / StepsPerEpoch;
        return epochs <= most ? StepsPerEpoch * epochs : throw new ArgumentOutOfRangeException(
            nameof(ContrastiveTrainingOptions.Epochs), epochs,
            $"ContrastiveTrainingOptions.Epochs must be at most {most} with {StepsPerEpoch} steps in each.");
    }

    /// <summary>The batches that a run has not taken yet, each with its epoch, counted from 1.</summary>
    /// <param name="taken">The number of batches that the run has taken.</param>
    /// <param name="epochs">The number of epochs of the run.</param>
    public IEnumerable<(int Epoch, int[] Rows)> Remaining(int taken, int epochs)
    {
        int first = 1 + taken / StepsPerEpoch;
        // The rows that were forced together in the epochs before count too.
        for (int epoch = 1; epoch < first; epoch++) _ = Epoch(epoch).Count();
        return Enumerable.Range(first, Math.Max(0, epochs - first + 1))
            .SelectMany(epoch => Epoch(epoch).Skip(epoch == first ? taken % StepsPerEpoch : 0).Select(rows => (epoch, rows)));
    }

    /// <summary>The batches of an epoch, counted from 1: indices of rows.</summary>
    public IEnumerable<int[]> Epoch(int epoch)
    {
        int[] order = Order(epoch);
        return (_texts is null ? order.Chunk(_batchSize) : KeepApart(order, _texts)).Take(StepsPerEpoch);
    }

    private int[] Order(int epoch)
    {
        int[] order = Enumerable.Range(0, _rows).ToArray();
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
            while (batch.Count < _batchSize && next < order.Length && stillWaiting.Count < MaxWaitingBatches * _batchSize)
                Place(order[next++]);
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

    // The texts of the rows that a batch has so far.
    private sealed class TakenTexts
    {
        private readonly HashSet<int> _anchors = [], _positives = [], _all = [];

        // Takes a row, unless it shares its anchor with a row of the batch, or a positive of one of the two is a text of the other.
        public bool TryAdd(RowTexts row)
        {
            if (_anchors.Contains(row.Anchor) || row.Positives.Any(_all.Contains) || row.All.Any(_positives.Contains)) return false;
            _anchors.Add(row.Anchor);
            _positives.UnionWith(row.Positives);
            _all.UnionWith(row.All);
            return true;
        }
    }
}
