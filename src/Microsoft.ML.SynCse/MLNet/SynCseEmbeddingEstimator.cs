using Microsoft.Extensions.AI;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;
using Microsoft.ML.SynCse.Native;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Synthesis.MLNet;
using Microsoft.ML.SynCse.Training;

namespace Microsoft.ML.SynCse;

/// <summary>Tunes a sentence encoder on text columns, or on texts that a language model writes for one column. The fitted transformer puts
/// the vector of each anchor into a new column.</summary>
/// <remarks>
/// Made by <see cref="SynCseCatalog.SynCseEmbedding(TransformsCatalog, string, string?, string?, string?, SynCseEmbeddingOptions?)"/> and
/// <see cref="SynCseCatalog.SynCseEmbedding(TransformsCatalog, string, string, IChatClient, SynCseEmbeddingOptions?)"/>. An instance may
/// fit on several threads at once.
/// </remarks>
public sealed class SynCseEmbeddingEstimator : IEstimator<SynCseEmbeddingTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly string _outputColumn;
    private readonly TrainingRows _rows;
    private readonly SynCseEmbeddingOptions _options;
    private readonly AnchorSynthesis? _synthesis;                       // null: the rows hold the examples

    internal SynCseEmbeddingEstimator(
        IHostEnvironment environment, string outputColumn, TrainingRows rows, SynCseEmbeddingOptions? options, IChatClient? client = null)
    {
        (_environment, _outputColumn, _rows, _options) = (environment, outputColumn, rows, options ?? new());
        if (rows.Positive is null && rows.Negative is not null)
            throw new ArgumentException($"A negative column ('{rows.Negative}') needs a positive column beside it: "
                + "name positiveColumnName, or leave negativeColumnName out.", "negativeColumnName");
        if (_options.Training is null) throw new ArgumentException("SynCseEmbeddingOptions.Training must not be null.", nameof(options));
        if (_options.Synthesis is not null && client is null)
            throw new ArgumentException("SynCseEmbeddingOptions.Synthesis is set, but there is no chat client that could write: give one "
                + "(SynCseEmbedding(outputColumnName, inputColumnName, chatClient, options)), or leave Synthesis out.", nameof(options));
        if (_options.ExampleWeightColumnName is { } weight)
        {
            if (client is not null)
                throw new ArgumentException($"SynCseEmbeddingOptions.ExampleWeightColumnName ('{weight}') needs examples of your own: "
                    + "what a language model writes has no weights. Leave it out, or give positiveColumnName.", nameof(options));
            _rows = rows with { Weight = weight };
        }
        if (client is not null) _synthesis = new AnchorSynthesis(client, _options.Synthesis ?? new());
        _host = environment.Register(nameof(SynCseEmbeddingEstimator));
    }

    /// <summary>The schema after this step: a vector of Single is added under the output column's name.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <returns>The shape; the vector's size is known after <see cref="Fit"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or is not text; the message names it and says what to
    /// do.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _rows.Check(_host, inputSchema);
        // The default encoder is normalised.
        return EmbeddingSchema.AddTo(inputSchema, _outputColumn, _options.Encoder is null or { Normalized: true });
    }

    /// <summary>Reads all rows and tunes the encoder on them, or on the texts that the language model writes for them.
    /// <c>MLContext.CancelExecution()</c> ends it.</summary>
    /// <param name="input">
    /// The rows. A row with an empty anchor, positive or negative is left out, and so is one whose hard negative is its positive;
    /// <see cref="TrainingSummary.SkippedExamples"/> and <see cref="TrainingSummary.ContradictoryExamples"/> count them. If such a row has
    /// other hard negatives, one of them takes the place (<see cref="TrainingSummary.ReplacedNegatives"/>).
    /// </param>
    /// <returns>A transformer that owns its tuned encoder: dispose it, or the chain it is in.</returns>
    /// <exception cref="ArgumentException">A column is missing or is not text, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Fewer than two rows have text in every column, or got texts from the language model; an
    /// example weight is negative or no number; or no native torch library loads.</exception>
    /// <exception cref="NotSupportedException">An option asks for something that the machine or the encoder does not support.</exception>
    /// <exception cref="SynthesisStoppedException">The synthesis cannot go on: a limit, the provider, or nothing but
    /// rejections.</exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, or the file is not a journal.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public SynCseEmbeddingTransformer Fit(IDataView input) => Train(input, null, default);

    /// <summary>Does the same as <see cref="Fit"/> on a worker thread.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="progress">Reported to once when the rows are read, while the language model writes, and after every step, on worker
    /// threads. Default: null, none.</param>
    /// <param name="cancellationToken">Ends the run at the next row or step, and a synthesis within a second.</param>
    /// <returns>A transformer that owns its tuned encoder: dispose it, or the chain it is in.</returns>
    public Task<SynCseEmbeddingTransformer> FitAsync(
        IDataView input, IProgress<SynCseProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Task.Run(() => Train(input, progress, cancellationToken), cancellationToken);
    }

    private static string Source(SynthesisReport? report) => report is null ? "rows of the user's, through ML.NET"
        : "sentences of the user's, with positives and hard negatives that a language model wrote (SynCSE); "
            + $"of {report.Sentences} sentences {report.Accepted} passed the checks";

    private SynCseEmbeddingTransformer Train(IDataView input, IProgress<SynCseProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        _rows.Check(_host, SchemaShape.Create(input.Schema));
        // Everything that can be checked is checked first, because the texts of a language model cost money.
        _options.Training.Validate();
        _synthesis?.Validate();
        TorchRuntime.EnsureAvailable();
        using var cancellation = new HostCancellation(_environment, cancellationToken);
        try
        {
            return Run(input, progress, cancellation);
        }
        catch (OperationCanceledException error) when (cancellation.Cause is not null)
        {
            throw cancellation.Explain(error);
        }
    }

    private SynCseEmbeddingTransformer Run(IDataView input, IProgress<SynCseProgress>? progress, HostCancellation cancellation)
    {
        using var channel = _host.Start("Training");
        string? device = _options.Training.Device ?? TorchDevice.Name(_environment);
        var training = _options.Training.Device == device ? _options.Training : _options.Training with { Device = device };
        using var own = _options.Encoder is null ? SentenceEncoder.LoadDefault(new SentenceEncoderOptions { Device = device }) : null;
        var start = _options.Encoder ?? own!;
        start.EnsureUsable();
        if (device is not null) TorchRuntime.PickDevice(device);

        IReadOnlyList<TrainingExample> examples = _rows.Read(_host, input, cancellation.Token);
        var log = new TrainingLog(channel, progress, examples.Count);
        log.HasRead();
        SynthesisReport? report = null;
        if (_synthesis is not null)
        {
            string[] anchors = [.. examples.Select(e => e.Anchor)];
            (examples, report) = BlockingBridge.Run(
                _environment, token => _synthesis.RunAsync(anchors, channel, log, token), cancellation.Token);
        }
        var mode = _synthesis is null ? _rows.Mode : _synthesis.WritesNegatives ? TrainingMode.Triplets : TrainingMode.Pairs;
        log.Started(mode, examples.Count, _rows.ColumnNames);
        var result = ContrastiveTrainer.Train(start, examples, training, log, cancellation.Token);
        try
        {
            log.Finished(result.Summary);
            if (!result.Summary.KeptStart) result.Encoder.Card = result.Encoder.Card with { DataSource = Source(report) };
            return new SynCseEmbeddingTransformer(
                _environment, _outputColumn, _rows.Anchor, result.Encoder, ownsEncoder: true, result.Summary, report);
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
