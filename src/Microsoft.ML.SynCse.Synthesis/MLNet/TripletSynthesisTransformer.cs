using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.MLNet;

[assembly: LoadableClass(typeof(TripletSynthesisTransformer), null, typeof(SignatureLoadModel), "SynCse triplet synthesis",
    SynthesisModelFormat.LoaderSignature)]

namespace Microsoft.ML.SynCse;

/// <summary>
/// Puts positives and hard negatives that a language model writes into new columns: Text, or a vector of Text if there are several for a
/// sentence.
/// </summary>
/// <remarks>
/// <para>A column that is not read costs nothing: no request is sent before a value of a synthesised column is read. From then on a window
/// of rows is asked for ahead of the reader: as many as were read before, and as many as keep
/// <see cref="TripletSynthesisOptions.MaxConcurrency"/> requests under way.</para>
/// <para>A sentence that was rejected in the end has empty texts and is counted in the report. Reading ends with
/// <see cref="SynthesisStoppedException"/> if the run cannot go on. While a chain is fitted, the steps after this one read from ML.NET's
/// cache, which wraps such an error into an <see cref="InvalidOperationException"/>.</para>
/// <para>There is always a journal, the given one or a temporary one that ends with the transformer: however often and in any order the
/// data is read, each sentence has the same texts and is paid for once. A model file holds prompts and options, but no client, key, journal
/// path or text: a loaded step works again when it is given a client, see <see cref="UseChatClient"/>.</para>
/// <para>Safe from several threads. <c>PredictionEngine.Dispose()</c> disposes the model it was made from, and so this, unless
/// <c>PredictionEngineOptions.OwnsTransformer</c> is false.</para>
/// </remarks>
public sealed class TripletSynthesisTransformer : RowToRowTransformerBase, ITransformerWithDifferentMappingAtTrainingTime, ITransformer,
    IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly object _gate = new(), _swapping = new();          // the second is taken first, and held while a journal is opened
    private readonly HashSet<EngineReading> _readings = [];             // those under way, on the engine of now or on one of before
    private readonly TripletColumns _columns;
    private SynthesisModelHeader _header;
    private SharedEngine? _engine;                                      // null: without a client
    private bool _disposed;

    internal TripletSynthesisTransformer(IHostEnvironment environment, SynthesisModelHeader header, SharedEngine? engine)
        : base(environment.Register(nameof(TripletSynthesisTransformer)))
    {
        (_header, _engine) = (header, engine);
        _columns = TripletColumns.Of(header.InputColumn, header.PositiveColumn, header.NegativeColumn, header.Options.ToOptions());
    }

    /// <summary>Gives a client to a step that was loaded from a model, or another one to a step that has one; views that are there use it
    /// from their next reading on, and readings under way end with the one they began with.</summary>
    /// <param name="client">The language model; it stays the caller's.</param>
    /// <param name="configure">Completes or changes the options: those saved in the model, or those the step has now. A journal path and
    /// all that is code (rules of your own, pair checks, <see cref="TripletSynthesisOptions.Redact"/>) is not in a model and is given here.
    /// Default: null, the options as they are. A temporary journal of before is kept.</param>
    /// <exception cref="InvalidOperationException"> The step was made with rules of one's own, pair checks or
    /// <see cref="TripletSynthesisOptions.Redact"/>, and these options lack them; the message names them.
    /// </exception>
    /// <exception cref="ArgumentException"> An option is out of its range, or changes the number of texts for a sentence, which the columns
    /// are made for.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; the step keeps the client and the options that it
    /// has.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void UseChatClient(IChatClient client, Func<TripletSynthesisOptions, TripletSynthesisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        SharedEngine? before;
        // Others that give a client wait for their turn; readings do not, however long the caller's function or an opening takes.
        lock (_swapping) before = Swap(client, configure);
        // Readings that are under way hold the engine they began with.
        if (before is not null) BlockingBridge.Drain([before.LeaveAsync()]);
    }

    /// <summary>A view of the data with the synthesised columns; nothing is sent before a value of theirs is read.</summary>
    /// <param name="input">The data; only the input column is needed.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentOutOfRangeException"> The input column is missing or is not text; the message names it and says what to do.
    /// </exception>
    public new IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new SynthesizedTextView(Host, input, TextColumns.Single(Host, input.Schema, TripletColumns.InputRole, _columns.Input),
            _columns, this);
    }

    /// <summary>
    /// What the journal holds: sentences accepted and rejected with the reasons, requests, tokens, cost. All zero for a step without a
    /// client.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for another process that has the journal open.</param>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public async Task<SynthesisReport> GetReportAsync(CancellationToken cancellationToken = default)
    {
        if (BeginReading() is not { } reading) return NoReport();
        try
        {
            return await reading.Engine.ReportAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _readings.Remove(reading);
            await reading.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends readings that are under way and closes the journal; a temporary one is gone with the last transformer of its estimator. A
    /// second call does nothing.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }
        _end.Cancel();
        BlockingBridge.Drain(Leave());
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Closes the journal of a step that was not disposed and that no caller can read any more, such as that of a chain whose Fit failed.
    /// </summary>
    ~TripletSynthesisTransformer()
    {
        _ = Task.Run(() => BlockingBridge.Drain(Leave()));
    }

    /// <summary>Begins a reading; the pass is the caller's to dispose.</summary>
    /// <exception cref="InvalidOperationException">There is no client.</exception>
    internal (SynthesisPass Pass, SynthesisEngine Engine) Begin()
    {
        var reading = BeginReading() ?? throw NoClient();
        try
        {
            var engine = BlockingBridge.Run(Host, reading.Engine.OpenAsync, _end.Token);
            return (new SynthesisPass(Host, reading.Engine, _columns.Names, () => EndReading(reading), _end.Token), engine);
        }
        catch (Exception error)
        {
            EndReading(reading);
            bool disposed = _end.IsCancellationRequested && error is OperationCanceledException or ObjectDisposedException;
            if (disposed) throw DisposedStep.Error(_columns.Names);
            throw;
        }
    }

    /// <summary>What a chain fits its next estimator on.</summary>
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input)
        => TrainingCache.Over(Host, Transform(input), $"The texts of {_columns.Names} are not cached and are asked for row by row",
            "looks each text up in the journal as often");

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        lock (_gate) SynthesisModelFormat.Save(ctx, _header);
    }

    // ML.NET's loader finds this method by its name and signature.
    private static TripletSynthesisTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.EnsureCompatible();
        return SynthesisModelFormat.Load(env, ctx);
    }

    private static SynthesisReport NoReport() => new()
    {
        Sentences = 0,
        Accepted = 0,
        RejectedSentences = new Dictionary<string, long>(),
        Requests = 0,
        AcceptedRequests = 0,
        RejectedRequests = 0,
        FaultedRequests = new Dictionary<string, long>(),
        LostRequests = 0,
        RejectedTexts = new Dictionary<string, long>(),
        InputTokens = 0,
        OutputTokens = 0,
        RequestsWithoutUsage = 0,
    };

    // In one step, so that a client that is given at this moment does not take the engine away from under the reading.
    private EngineReading? BeginReading()
    {
        lock (_gate)
        {
            if (_disposed) throw DisposedStep.Error(_columns.Names);
            if (_engine is null) return null;
            var reading = _engine.BeginReading();
            _readings.Add(reading);
            return reading;
        }
    }

    private void EndReading(EngineReading reading)
    {
        lock (_gate) _readings.Remove(reading);
        BlockingBridge.Drain([reading.EndAsync()]);
    }

    private Task[] Leave()
    {
        lock (_gate)
        {
            var engine = _engine;
            _engine = null;
            Task[] left = [.. _readings.Select(r => r.EndAsync()), .. engine is null ? Array.Empty<Task>() : [engine.LeaveAsync()]];
            _readings.Clear();
            return left;
        }
    }

    private SharedEngine? Swap(IChatClient client, Func<TripletSynthesisOptions, TripletSynthesisOptions>? configure)
    {
        TripletSynthesisOptions options;
        lock (_gate)
        {
            if (_disposed) throw DisposedStep.Error(_columns.Names);
            options = _engine?.Options ?? _header.Options.ToOptions();
        }
        if (configure is not null)
        {
            options = configure(options)
                ?? throw new ArgumentException("The function returned null; it must return the options.", nameof(configure));
        }
        options.Validate();
        if ((options.PositivesPerSentence, options.NegativesPerSentence) != (_columns.Positives, _columns.Negatives))
        {
            throw new ArgumentException($"The columns of the step {_columns.Names} hold {_columns.Positives} positives and "
                + $"{_columns.Negatives} negatives a sentence; PositivesPerSentence and NegativesPerSentence cannot change.",
                nameof(configure));
        }
        _header.Options.RequireAgain(options, _columns.Names);
        var next = new SharedEngine(client, options).Join();
        try
        {
            return Install(next);
        }
        catch (Exception error)
        {
            // Cancelled, or the journal does not open: the step keeps the client and the options that it has.
            BlockingBridge.Drain([next.LeaveAsync()]);
            if (error is OperationCanceledException or ObjectDisposedException && _end.IsCancellationRequested)
                throw DisposedStep.Error(_columns.Names);
            throw;
        }
    }

    private SharedEngine? Install(SharedEngine next)
    {
        // What is in a temporary journal is paid for: the new client goes on with it, unless it is given another.
        for (bool ready = next.Options.JournalPath is not null; ; ready = true)
        {
            SharedEngine? before;
            lock (_gate)
            {
                if (_disposed) throw DisposedStep.Error(_columns.Names);
                before = _engine;
                // No reading begins on the engine of before from here on; one that has begun is known.
                if (ready || before is not { HasOwnJournal: true })
                {
                    (_engine, _header) = (next, _header with { Options = SynthesisModelOptions.Of(next.Options) });
                    return before;
                }
            }
            BlockingBridge.Run(Host, token => next.AdoptAsync(before, token), _end.Token);
        }
    }

    private InvalidOperationException NoClient() => new(
        $"The synthesis step {_columns.Names} was loaded from a model, and a model holds no chat client, so its texts cannot be written. "
            + "Give it one with mlContext.Model.UseChatClient(model, chatClient), or do not read its columns.");

    private SynthesisOutcome WriteOne(string sentence)
    {
        using var pass = Begin().Pass;
        var outcome = pass.Wait(pass.Add(new SentenceJob(sentence, 0), last: true));
        pass.End();
        // One row has no report and no neighbours: what a failing provider could not write must not look like an empty text.
        if (outcome.RejectionReason is { Stage: RejectionStage.Request } reason)
        {
            throw new SynthesisStoppedException(SynthesisStopReason.ProviderDown,
                $"The provider did not answer, repeated requests included ({reason}). Check its address and its state, then read the row "
                    + "again.");
        }
        return outcome;
    }

    /// <summary>
    /// One row at a time, as PredictionEngine reads it. It makes getters for every column, so only reading a value may fail.
    /// </summary>
    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly TripletSynthesisTransformer _parent;
        private readonly DataViewSchema.Column _input;

        public Mapper(TripletSynthesisTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), schema, parent)
        {
            _parent = parent;
            _input = TextColumns.Single(Host, schema, TripletColumns.InputRole, parent._columns.Input);
        }

        bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw OnnxRefusal.Synthesis();

        void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw OnnxRefusal.Synthesis();

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent._columns.Added();

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            var read = TextColumns.SingleReader(input, input.Schema[_input.Index]);
            // The second column's getter finds in the journal what the first one's had written.
            return _parent._columns.Getter(iinfo, () => _parent.WriteOne(read()));
        }

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            => column => column == _input.Index && Enumerable.Range(0, _parent._columns.Added().Length).Any(activeOutput);

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}

/// <summary>The error for the reader of a disposed synthesis step.</summary>
internal static class DisposedStep
{
    /// <summary>A way in which a model is disposed that its owner may not know.</summary>
    public const string OwnerHint
        = "PredictionEngine.Dispose() disposes the model that it was made from, unless PredictionEngineOptions.OwnsTransformer is false.";

    /// <summary>The error.</summary>
    /// <param name="columns">The step's columns; null if they are not known.</param>
    public static ObjectDisposedException Error(string? columns) => new(
        nameof(TripletSynthesisTransformer), $"The synthesis step{(columns is null ? "" : " " + columns)} was disposed. {OwnerHint}");
}
