using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Scratch;

namespace Microsoft.ML.SynCse;

/// <summary>
/// Has a language model write a positive and a hard negative for sentences (SynCSE-partial), or the sentences too (SynCSE-scratch; arXiv
/// 2305.15077, section 3).
/// </summary>
/// <remarks>
/// <para>Results come in input order; at most a window of sentences is held, so input of any length streams through. Everything that is
/// read is in the journal before it is used: a run that was cancelled, stopped or killed goes on where it was when the same call is made
/// again with the same journal, and pays for nothing twice.</para>
/// <para>Retries are this class's own: give it a client without any (<c>new ClientRetryPolicy(0)</c> for OpenAI's), or limits and counts
/// miss what the client repeats.</para>
/// <para>Not safe from several threads: one run at a time; several synthesizers of one process may share a journal. The client stays the
/// caller's.</para>
/// </remarks>
/// <example><code>
/// await using var synthesizer = new TripletSynthesizer(chatClient, new() { JournalPath = "triplets.journal" });
/// await foreach (var outcome in synthesizer.SynthesizeAsync(File.ReadLines("sentences.txt")))
///     if (outcome.Example is { } example) examples.Add(example);
/// </code></example>
public sealed class TripletSynthesizer : IAsyncDisposable
{
    private readonly IChatClient _client;
    private readonly TripletSynthesisOptions _options;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private SynthesisEngine? _engine;
    private int _running;
    private bool _disposed;
    private string? _stoppedBecause;

    /// <summary>Makes a synthesizer; nothing is opened or sent before the first call.</summary>
    /// <param name="client">The language model; it stays the caller's.</param>
    /// <param name="options">The settings. Default: those of <see cref="TripletSynthesisOptions"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public TripletSynthesizer(IChatClient client, TripletSynthesisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        (_client, _options) = (client, options ?? new());
        _options.Validate();
    }

    /// <summary>Writes a positive and a hard negative for each sentence.</summary>
    /// <param name="sentences">The sentences; equal ones are written once.</param>
    /// <param name="progress">Receives how far the run is. Default: null, no reports.</param>
    /// <param name="cancellationToken">Ends the run within a second; all that was read is kept.</param>
    /// <returns>An outcome for each sentence, in input order.</returns>
    /// <exception cref="SynthesisStoppedException"> The run cannot go on: a limit, the provider, or nothing but rejections. Outcomes known
    /// before it have been returned.
    /// </exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    /// <exception cref="InvalidOperationException">A run of this synthesizer is under way.</exception>
    public IAsyncEnumerable<SynthesisOutcome> SynthesizeAsync(IAsyncEnumerable<string> sentences,
        IProgress<SynthesisProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        return RunAsync((engine, run) => Partial(engine, run, sentences), null, false, progress, cancellationToken);
    }

    /// <inheritdoc cref="SynthesizeAsync(IAsyncEnumerable{string}, IProgress{SynthesisProgress}?, CancellationToken)"/>
    public IAsyncEnumerable<SynthesisOutcome> SynthesizeAsync(IEnumerable<string> sentences, IProgress<SynthesisProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        return RunAsync((engine, run) => Partial(engine, run, new SyncSequence<string>(sentences)),
            sentences.TryGetNonEnumeratedCount(out int count) ? count : null, false, progress, cancellationToken);
    }

    /// <summary>
    /// Has the sentences written too, in lists by genre and topics, until a number of them has all its texts; equal and nearly equal ones
    /// are left out.
    /// </summary>
    /// <param name="count">Sentences with all their texts to end with; at least 1.</param>
    /// <param name="options">
    /// The settings; their <see cref="ScratchSynthesisOptions.Triplets"/> must be null: this synthesizer's own options hold. Default:
    /// those of <see cref="ScratchSynthesisOptions"/>.
    /// </param>
    /// <param name="progress">Receives how far the run is. Default: null, no reports.</param>
    /// <param name="cancellationToken">Ends the run within a second; all that was read is kept.</param>
    /// <returns>
    /// An outcome for each sentence that was written and not left out. It ends early if the lists bring too little that is new
    /// (<see cref="ScratchSynthesisOptions.MinYield"/>); the report then says so.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="SynthesisStoppedException">The run cannot go on: a limit, the provider, or nothing but rejections.</exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    /// <exception cref="InvalidOperationException">A run of this synthesizer is under way.</exception>
    public IAsyncEnumerable<SynthesisOutcome> SynthesizeFromScratchAsync(int count, ScratchSynthesisOptions? options = null,
        IProgress<SynthesisProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var scratch = Checked(options);
        return RunAsync((engine, run) => Scratch(engine, run, scratch, count), count, true, progress, cancellationToken);
    }

    /// <summary>What the journal holds, over all runs.</summary>
    /// <param name="cancellationToken">Ends the wait for another process that has the journal open.</param>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    public async Task<SynthesisReport> GetReportAsync(CancellationToken cancellationToken = default)
    {
        var engine = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var report = await engine.Journal.ReadAsync(tables => tables.Report(_options.Prices)).ConfigureAwait(false);
        return report with { StoppedBecause = _stoppedBecause };
    }

    /// <summary>
    /// What <see cref="SynthesizeAsync(IEnumerable{string}, IProgress{SynthesisProgress}?, CancellationToken)"/> would ask for; nothing is
    /// sent.
    /// </summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="cancellationToken">Ends the count.</param>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    public async Task<SynthesisEstimate> EstimateAsync(IEnumerable<string> sentences, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        var engine = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await new SynthesisEstimator(engine, _options).EstimateAsync(sentences, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What <see cref="SynthesizeFromScratchAsync"/> would ask for, taking every written sentence to be new; nothing is sent.
    /// </summary>
    /// <param name="count">Sentences with all their texts to end with; at least 1.</param>
    /// <param name="options">The settings. Default: those of <see cref="ScratchSynthesisOptions"/>.</param>
    /// <param name="cancellationToken">Ends the count.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public async Task<SynthesisEstimate> EstimateFromScratchAsync(int count, ScratchSynthesisOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var scratch = Checked(options);
        var engine = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await new SynthesisEstimator(engine, _options)
            .EstimateFromScratchAsync(count, new ScratchLists(scratch, _options), scratch.NearDuplicateSimilarity).ConfigureAwait(false);
    }

    /// <summary>Closes the journal; a temporary one is deleted. End a run before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (_engine is not null) await _engine.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }

    private static ScratchSynthesisOptions Checked(ScratchSynthesisOptions? options)
    {
        options ??= new();
        options.Validate();
        if (options.Triplets is null) return options;
        throw new ArgumentException("ScratchSynthesisOptions.Triplets is not read by a TripletSynthesizer, which has options of its own: "
            + "give these to its constructor, and leave Triplets null.", nameof(options));
    }

    private async Task<SynthesisEngine> OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _engine ??= await SynthesisEngine.OpenAsync(_client, _options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async IAsyncEnumerable<SynthesisOutcome> RunAsync(
        Func<SynthesisEngine, SynthesisRun, IAsyncEnumerable<SynthesisOutcome>> outcomes, long? total, bool acceptedOnly,
        IProgress<SynthesisProgress>? progress, CancellationToken caller,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _running, 1) == 1)
        {
            throw new InvalidOperationException(
                "A run of this synthesizer is under way; wait for its end, or make another synthesizer (both may use one journal).");
        }
        try
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(caller, cancellationToken);
            var engine = await OpenAsync(both.Token).ConfigureAwait(false);
            using var run = new SynthesisRun(both.Token);
            using var counts = new ProgressReporter(progress, run, engine.Journal, _options.Prices, total, acceptedOnly);
            _stoppedBecause = null;
            counts.Report(TimeSpan.Zero);
            bool ended = false;
            try
            {
                await foreach (var outcome in outcomes(engine, run).ConfigureAwait(false))
                {
                    counts.Count(outcome);
                    yield return outcome;
                }
                await engine.Refusals.EndAsync(run).ConfigureAwait(false);
                ended = true;
                _stoppedBecause = run.Shortage;
                if (run.Shortage is not null) _options.Logger?.LogWarning("{Shortage}", run.Shortage);
            }
            finally
            {
                if (!ended) engine.Refusals.Forget();
                if (run.Stopped is { } stopped)
                {
                    _stoppedBecause = stopped.Message;
                    _options.Logger?.LogError("{Reason}", stopped.Message);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async IAsyncEnumerable<SynthesisOutcome> Partial(SynthesisEngine engine, SynthesisRun run, IAsyncEnumerable<string> sentences)
    {
        var groups = SentenceJob.InGroups(sentences, _options.SentencesPerRequest, run.Token);
        var outcomes = OrderedParallelMap.RunAsync(groups, jobs => engine.WriteAsync(jobs, run), engine.Window, run);
        await foreach (var group in outcomes.ConfigureAwait(false))
        {
            foreach (var outcome in group) yield return outcome;
        }
    }

    private async IAsyncEnumerable<SynthesisOutcome> Scratch(SynthesisEngine engine, SynthesisRun run, ScratchSynthesisOptions options,
        int count)
    {
        var feed = new ScratchFeed(engine, run, options, new ScratchLists(options, _options), count);
        var outcomes = OrderedParallelMap.RunAsync(feed.ReadAsync(), jobs => engine.WriteAsync(jobs, run), engine.Window, run);
        await foreach (var group in outcomes.ConfigureAwait(false))
        {
            foreach (var outcome in group)
            {
                feed.Told(outcome);
                yield return outcome;
            }
        }
    }

    /// <summary>A sequence as an asynchronous one.</summary>
    private sealed class SyncSequence<T>(IEnumerable<T> items) : IAsyncEnumerable<T>
    {
        /// <inheritdoc/>
        public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            foreach (var item in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return item;
            }
            await Task.CompletedTask.ConfigureAwait(false);
        }
    }
}
