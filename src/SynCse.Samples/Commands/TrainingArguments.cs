using System.CommandLine;
using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>The training's settings as command-line options; what is not given keeps the library's default.</summary>
internal sealed class TrainingArguments
{
    private static readonly ContrastiveTrainingOptions _defaults = new();
    private readonly Option<int> _epochs = New("--epochs", "Passes over the rows", _defaults.Epochs);
    private readonly Option<int> _batchSize = New("--batch-size", "Rows in a step", _defaults.BatchSize);
    private readonly Option<double> _learningRate = New("--learning-rate", "The highest learning rate", _defaults.LearningRate);
    private readonly Option<int> _warmupSteps = New("--warmup-steps", "Steps over which the rate rises", _defaults.WarmupSteps);
    private readonly Option<double> _weightDecay = New("--weight-decay", "Decoupled weight decay", _defaults.WeightDecay);
    private readonly Option<double> _temperature = New("--temperature", "Temperature of the contrastive loss", _defaults.Temperature);
    private readonly Option<double> _hardNegativeWeight =
        New("--hard-negative-weight", "Added to the logit of a row's own hard negative", _defaults.HardNegativeWeight);
    private readonly Option<double?> _dropout = New("--dropout", "Dropout probability; without it: the model's own", _defaults.Dropout);
    private readonly Option<int> _maxLength =
        New("--max-length", "Tokens at which training sentences are cut", _defaults.MaxSequenceLength);
    private readonly Option<Pooling?> _pooling = New("--pooling", "The pooling; without it: the encoder's", _defaults.Pooling);
    private readonly Option<ProjectionHead> _head = New("--head", "A head on the pooled vector", _defaults.ProjectionHead);
    private readonly Option<int> _seed = New("--seed", "Seed of shuffling, dropout and the held-out choice", _defaults.Seed);
    private readonly Option<double> _validationFraction =
        New("--validation-fraction", "Share of the rows held out as evidence", _defaults.ValidationFraction);
    private readonly Option<int> _evaluateEvery =
        New("--evaluate-every", "Steps between evaluations; 0: at the end of an epoch", _defaults.EvaluateEvery);
    private readonly Option<int> _patience =
        New("--patience", "Stop where so many evaluations in a row are no better; 0: never", _defaults.EarlyStoppingPatience);
    private readonly Option<double> _mlmWeight =
        New("--mlm-weight", "Weight of the masked-language-model auxiliary loss", _defaults.MlmWeight);
    private readonly Option<double?> _falseNegatives =
        New("--false-negative-threshold", "Leave out in-batch negatives that the start encoder finds at least this similar",
        _defaults.FalseNegativeThreshold);
    private readonly Option<int?> _cacheChunk =
        New("--gradient-cache-chunk", "Rows whose activations are held at a time, whatever the batch", _defaults.GradientCacheChunk);
    private readonly Option<int> _releaseMemory
        = New("--release-memory-every", "Steps after which freed memory goes back to the system; 0: never", _defaults.ReleaseMemoryEvery);
    private readonly Option<Precision> _precision = New("--precision", "Format of the matrix products", _defaults.Precision);
    private readonly Option<string?> _log = New("--log", "A file that gets a line of JSON for every step", _defaults.LogFile);
    private readonly Option<string?> _checkpointFolder =
        New("--checkpoint-folder", "Where checkpoints are written; the same command goes on from the newest", _defaults.CheckpointFolder);
    private readonly Option<int> _checkpointEvery =
        New("--checkpoint-every", "Steps between checkpoints; 0: at the end of an epoch", _defaults.CheckpointEvery);
    private readonly Option<bool> _anew = New("--anew", "Begin anew and replace the checkpoints there are", false);
    private readonly Option<bool> _keepStart =
        New("--keep-start", "Return the start encoder where no step scores better", _defaults.KeepStartIfWorse);
    private readonly Option<bool> _noKeepStart = New("--no-keep-start", "Return the tuned encoder in any case", false);
    private readonly Option<string?> _device = New("--device", "cpu, cuda or cuda:N", _defaults.Device);

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _epochs, _batchSize, _learningRate, _warmupSteps, _weightDecay, _temperature,
            _hardNegativeWeight, _dropout, _maxLength,
            _pooling, _head, _seed, _validationFraction, _evaluateEvery, _patience, _mlmWeight, _falseNegatives, _cacheChunk,
            _releaseMemory, _precision, _log, _checkpointFolder, _checkpointEvery, _anew, _keepStart, _noKeepStart,
            _device }) command.Options.Add(option);
    }

    public ContrastiveTrainingOptions Read(ParseResult parsed) => new()
    {
        Epochs = parsed.GetValue(_epochs),
        BatchSize = parsed.GetValue(_batchSize),
        LearningRate = parsed.GetValue(_learningRate),
        WarmupSteps = parsed.GetValue(_warmupSteps),
        WeightDecay = parsed.GetValue(_weightDecay),
        Temperature = parsed.GetValue(_temperature),
        HardNegativeWeight = parsed.GetValue(_hardNegativeWeight),
        Dropout = parsed.GetValue(_dropout),
        MaxSequenceLength = parsed.GetValue(_maxLength),
        Pooling = parsed.GetValue(_pooling),
        ProjectionHead = parsed.GetValue(_head),
        Seed = parsed.GetValue(_seed),
        ValidationFraction = parsed.GetValue(_validationFraction),
        EvaluateEvery = parsed.GetValue(_evaluateEvery),
        EarlyStoppingPatience = parsed.GetValue(_patience),
        MlmWeight = parsed.GetValue(_mlmWeight),
        FalseNegativeThreshold = parsed.GetValue(_falseNegatives),
        GradientCacheChunk = parsed.GetValue(_cacheChunk),
        ReleaseMemoryEvery = parsed.GetValue(_releaseMemory),
        Precision = parsed.GetValue(_precision),
        LogFile = parsed.GetValue(_log),
        CheckpointFolder = parsed.GetValue(_checkpointFolder),
        CheckpointEvery = parsed.GetValue(_checkpointEvery),
        Resume = !parsed.GetValue(_anew),
        KeepStartIfWorse = parsed.GetValue(_keepStart) && !parsed.GetValue(_noKeepStart),
        Device = parsed.GetValue(_device),
    };

    private static Option<T> New<T>(string name, string description, T value)
        => new(name) { Description = description, DefaultValueFactory = _ => value };
}
