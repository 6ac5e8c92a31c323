using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Languages;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Gives the outcomes of sentences: those that the journal knows, those of equal sentences that are under way, and those that a
/// <see cref="SentenceWriter"/> writes. Safe from several threads.
/// </summary>
internal sealed class SynthesisEngine : IAsyncDisposable
{
    private readonly TripletSynthesisOptions _options;
    private readonly SentenceWriter _writer;
    private readonly byte[] _optionsKey, _earlierOptionsKey;
    private readonly string _optionsName;

    private SynthesisEngine(IChatClient client, TripletSynthesisOptions options, JournalStore journal)
    {
        string? model = options.ModelId ?? (client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId;
        (_options, Journal) = (options, journal);
        (_optionsKey, _earlierOptionsKey) = (OptionsFingerprint.Of(options, model), OptionsFingerprint.OfEarlierWindows(options, model));
        _optionsName = Convert.ToHexString(_optionsKey);
        var faults = new FaultPolicy(options);
        Requests = new RequestFactory(options, model);
        Refusals = new RefusalWatch(options, Requests, journal, _optionsKey, _earlierOptionsKey);
        Sender = new RequestSender(client, options, journal, faults, Refusals);
        Reader = new ReplyReader(options.Rules);
        var checks = new PairCheckRunner(options, Requests, Sender, faults, Refusals, journal);
        _writer = new SentenceWriter(options, Requests, Sender, Reader, checks, Refusals, journal, _optionsKey);
    }

    /// <summary>The journal.</summary>
    public JournalStore Journal { get; }

    /// <summary>Tells refusals of one request from those of all.</summary>
    public RefusalWatch Refusals { get; }

    /// <summary>Reads replies.</summary>
    public ReplyReader Reader { get; }

    /// <summary>Writes requests.</summary>
    public RequestFactory Requests { get; }

    /// <summary>Sends requests.</summary>
    public RequestSender Sender { get; }

    /// <summary>Sentences in a group.</summary>
    public int SentencesPerRequest => _options.SentencesPerRequest;

    /// <summary>Requests under way at a time.</summary>
    public int MaxConcurrency => _options.MaxConcurrency;

    /// <summary>The caller's log.</summary>
    public ILogger? Logger => _options.Logger;

    /// <summary>
    /// Groups that may be worked on or wait for their turn: enough that slow ones do not leave the provider idle, and no more sentences
    /// than memory should hold.
    /// </summary>
    public int Window
        => Math.Max(2 * _options.MaxConcurrency, Math.Clamp(32 * _options.MaxConcurrency, 256, 4096) / _options.SentencesPerRequest);

    /// <summary>Opens the journal and makes an engine over it.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, of a later version, or no journal.</exception>
    public static async Task<SynthesisEngine> OpenAsync(
        IChatClient client, TripletSynthesisOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        LanguageModels.Require(options);
        var journal = await JournalStore.OpenAsync(options.JournalPath, cancellationToken).ConfigureAwait(false);
        return new SynthesisEngine(client, options, journal);
    }

    /// <summary>
    /// Gives the outcomes of a group of sentences, <see cref="TripletSynthesisOptions.SentencesPerRequest"/> of them, neighbours in the
    /// input.
    /// </summary>
    /// <remarks>
    /// Which caller writes which sentence is settled before the first wait, so callers that start groups in input order get the same
    /// requests every time.
    /// </remarks>
    public Task<SynthesisOutcome[]> WriteAsync(IReadOnlyList<SentenceJob> jobs, SynthesisRun run)
    {
        var outcomes = new SynthesisOutcome?[jobs.Count];
        List<(int Place, SentenceState State, PendingSentence Own)> own = [];
        List<(int Place, SentenceState State)> shared = [];
        string?[] anchors = [.. jobs.Select(job => _options.Redact is { } redact ? redact(job.Sentence) : job.Sentence)];
        for (int i = 0; i < jobs.Count; i++)
        {
            string? anchor = anchors[i];
            if (string.IsNullOrWhiteSpace(anchor))
            {
                outcomes[i] = jobs[i].LeftOut(anchor is null ? "left out by Redact" : "empty sentence");
                continue;
            }
            var state = new SentenceState(jobs[i], WellFormedText.Of(anchor));
            if (run.Faulted.TryGetValue(state.Anchor, out var faulted))
            {
                outcomes[i] = jobs[i].Copy(faulted);
                continue;
            }
            var pending = new PendingSentence();
            if (Journal.Pending.TryAdd((state.Anchor, _optionsName), pending)) own.Add((i, state, pending));
            else shared.Add((i, state));
        }
        return FinishAsync();

        async Task<SynthesisOutcome[]> FinishAsync()
        {
            try
            {
                var written = await WriteOwnAsync([.. own.Select(o => o.State)], run).ConfigureAwait(false);
                for (int i = 0; i < own.Count; i++) outcomes[own[i].Place] = written[i];
            }
            finally
            {
                foreach (var (_, state, pending) in own) Release(state, pending);
            }
            foreach (var (place, state) in shared) outcomes[place] = await WriteSharedAsync(state, run).ConfigureAwait(false);
            foreach (var outcome in outcomes) Count(outcome!, run);
            return outcomes!;
        }
    }

    /// <summary>
    /// Whether an outcome in the journal is what these options would give: made with them, or imported with as many texts.
    /// </summary>
    internal bool Suits(OutcomeRow? row) => row is not null && (row.OptionsKey is { } key
        ? key.AsSpan().SequenceEqual(_optionsKey) || key.AsSpan().SequenceEqual(_earlierOptionsKey)
        : row.Outcome.Example is { } example
            && example.Positives.Count == _options.PositivesPerSentence && example.Negatives.Count == _options.NegativesPerSentence);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Journal.CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            Sender.Dispose();
        }
    }

    /// <summary>
    /// A sentence that another caller works on already: waits for its outcome, and does the work itself if none came.
    /// </summary>
    private async Task<SynthesisOutcome> WriteSharedAsync(SentenceState state, SynthesisRun run)
    {
        while (true)
        {
            if (run.Faulted.TryGetValue(state.Anchor, out var faulted)) return state.Job.Copy(faulted);
            var own = new PendingSentence();
            var pending = Journal.Pending.GetOrAdd((state.Anchor, _optionsName), own);
            if (pending != own)
            {
                await pending.Done.Task.WaitAsync(run.Token).ConfigureAwait(false);
                var row = await ReadRowAsync(state).ConfigureAwait(false);
                if (Suits(row)) return state.Job.FromJournal(row!.Outcome);
                run.ThrowIfEnded();
                continue;
            }
            try
            {
                return (await WriteOwnAsync([state], run).ConfigureAwait(false))[0];
            }
            finally
            {
                Release(state, own);
            }
        }
    }

    private void Release(SentenceState state, PendingSentence pending)
    {
        Journal.Pending.TryRemove(KeyValuePair.Create((state.Anchor, _optionsName), pending));
        pending.Done.TrySetResult();
    }

    private async Task<SynthesisOutcome[]> WriteOwnAsync(SentenceState[] states, SynthesisRun run)
    {
        if (states.Length == 0) return [];
        var rows = await Task.WhenAll(states.Select(ReadRowAsync)).ConfigureAwait(false);
        SentenceState[] missing = [.. states.Where((_, i) => !Suits(rows[i]))];
        if (missing.Length > 0)
        {
            // A sentence whose outcome came from elsewhere in the input, or from a file, never belonged to this group's request.
            long first = states[0].Job.Position, last = states[^1].Job.Position;
            SentenceState[] members = [.. states.Where((_, i) => rows[i] is not { } row || !Suits(row)
                || (row.OptionsKey is not null && row.Position >= first && row.Position <= last))];
            await _writer.WriteAsync(members, missing, first, run).ConfigureAwait(false);
        }
        return [.. states.Select((state, i) => Suits(rows[i]) ? state.Job.FromJournal(rows[i]!.Outcome) : state.ToOutcome())];
    }

    private Task<OutcomeRow?> ReadRowAsync(SentenceState state) => Journal.ReadAsync(tables => tables.FindOutcome(state.Key));

    private void Count(SynthesisOutcome outcome, SynthesisRun run)
    {
        bool accepted = outcome.Example is not null;
        if (outcome.FromJournal) return;
        SynthesisTelemetry.Sentence(accepted);
        if (run.Count(accepted) < (_options.MaxConsecutiveRejections ?? int.MaxValue)) return;
        string reasons = string.Join(", ", run.RejectedTexts.OrderByDescending(r => r.Value).Take(3).Select(r => $"{r.Key} {r.Value}"));
        string often = reasons.Length > 0 ? reasons : "faults";
        string? advice = run.RejectedTexts.ContainsKey(ReplyReader.ReasoningOnly)
            ? $" By {ReplyReader.ReasoningOnly}: {ReplyReader.ReasoningAdvice}." : null;
        if (SystemRoleAdvice.For(outcome.RejectionReason?.ToString() ?? "") is { } placement) advice += $" {placement}";
        run.Stop(new SynthesisStoppedException(SynthesisStopReason.EverythingRejected,
            $"{_options.MaxConsecutiveRejections} sentences in a row were rejected (most often: {often}; "
            + $"the last one: {outcome.RejectionReason}). "
            + $"Look at replies in the journal, try another model or prompts, or raise MaxConsecutiveRejections.{advice} "
            + "Everything read is in the journal."));
    }
}
