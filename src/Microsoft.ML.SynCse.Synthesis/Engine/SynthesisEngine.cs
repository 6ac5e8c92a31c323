using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Folders.Card;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Languages;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>Writes the texts of sentences: first what the journal knows, then a group's request, then what is still missing, one text at a time. Safe from several threads.</summary>
internal sealed class SynthesisEngine : IAsyncDisposable
{
    /// <summary>How <see cref="SynthesisOutcome.RejectedBecause"/> begins where requests failed.</summary>
    public const string FaultPrefix = "fault: ";

    private readonly TripletSynthesisOptions _options;
    private readonly RequestFactory _requests;
    private readonly RequestSender _sender;
    private readonly ReplyReader _reader;
    private readonly PairCheckRunner _checks;
    private readonly byte[] _optionsKey, _earlierOptionsKey;
    private readonly string _optionsName;

    private SynthesisEngine(IChatClient client, TripletSynthesisOptions options, JournalStore journal)
    {
        string? model = options.ModelId ?? (client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId;
        (_options, Journal) = (options, journal);
        _requests = new RequestFactory(options, model);
        var faults = new FaultPolicy(options);
        (_optionsKey, _earlierOptionsKey) = (OptionsFingerprint.Of(options, model), OptionsFingerprint.OfEarlierWindows(options, model));
        Refusals = new RefusalWatch(options, _requests, journal, _optionsKey, _earlierOptionsKey);
        _sender = new RequestSender(client, options, journal, faults, Refusals);
        _reader = new ReplyReader(options.Rules);
        _checks = new PairCheckRunner(options, _requests, _sender, faults, Refusals, journal);
        _optionsName = Convert.ToHexString(_optionsKey);
    }

    /// <summary>The journal.</summary>
    public JournalStore Journal { get; }

    /// <summary>Tells refusals of one request from those of all.</summary>
    public RefusalWatch Refusals { get; }

    /// <summary>Reads replies.</summary>
    public ReplyReader Reader => _reader;

    /// <summary>Writes requests.</summary>
    public RequestFactory Requests => _requests;

    /// <summary>Sends requests.</summary>
    public RequestSender Sender => _sender;

    /// <summary>Sentences in a group.</summary>
    public int SentencesPerRequest => _options.SentencesPerRequest;

    /// <summary>Requests under way at a time.</summary>
    public int MaxConcurrency => _options.MaxConcurrency;

    /// <summary>The caller's log.</summary>
    public ILogger? Logger => _options.Logger;

    /// <summary>Groups that may be worked on or wait for their turn: enough that slow ones do not leave the provider idle, in sentences no more than memory should hold.</summary>
    public int Window => Math.Max(2 * _options.MaxConcurrency, Math.Clamp(32 * _options.MaxConcurrency, 256, 4096) / _options.SentencesPerRequest);

    private bool InGroups => _options.SentencesPerRequest > 1 || _options.OneRequestPerSentence;

    /// <summary>Opens the journal and makes an engine over it.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, of a later version, or no journal.</exception>
    public static async Task<SynthesisEngine> OpenAsync(IChatClient client, TripletSynthesisOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        LanguageModels.Require(options);
        var journal = await JournalStore.OpenAsync(options.JournalPath, cancellationToken).ConfigureAwait(false);
        return new SynthesisEngine(client, options, journal);
    }

    /// <summary>Writes the texts of a group of sentences, <see cref="TripletSynthesisOptions.SentencesPerRequest"/> of them, neighbours in the input.</summary>
    /// <remarks>Which sentence belongs to whom is settled before the first wait; so callers that start groups in input order get the same requests every time.</remarks>
    public Task<SynthesisOutcome[]> WriteAsync(IReadOnlyList<SentenceJob> jobs, SynthesisRun run)
    {
        var outcomes = new SynthesisOutcome?[jobs.Count];
        List<(int Place, SentenceState State, SentenceIdentity Identity, PendingSentence Own)> own = [];
        List<(int Place, SentenceState State, SentenceIdentity Identity)> shared = [];
        string?[] anchors = [.. jobs.Select(job => _options.Redact is { } redact ? redact(job.Sentence) : job.Sentence)];
        for (int i = 0; i < jobs.Count; i++)
        {
            string? anchor = anchors[i];
            if (string.IsNullOrWhiteSpace(anchor))
            {
                outcomes[i] = LeftOut(jobs[i], anchor is null ? "left out by Redact" : "empty sentence");
                continue;
            }
            var state = new SentenceState(jobs[i], WellFormedText.Of(anchor));
            if (run.Faulted.TryGetValue(state.Anchor, out var faulted))
            {
                outcomes[i] = Copy(faulted, state);
                continue;
            }
            var identity = new SentenceIdentity(state.Anchor, _optionsName);
            var pending = new PendingSentence(jobs[i].Position);
            if (Journal.Pending.TryAdd(identity, pending)) own.Add((i, state, identity, pending));
            else shared.Add((i, state, identity));
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
                foreach (var (_, _, identity, pending) in own) Release(identity, pending);
            }
            foreach (var (place, state, identity) in shared) outcomes[place] = await WriteSharedAsync(state, identity, run).ConfigureAwait(false);
            foreach (var outcome in outcomes) Count(outcome!, run);
            return outcomes!;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Journal.CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            _sender.Dispose();
        }
    }

    /// <summary>A sentence that somebody works on already: waits for the outcome, and does the work where there came none.</summary>
    private async Task<SynthesisOutcome> WriteSharedAsync(SentenceState state, SentenceIdentity identity, SynthesisRun run)
    {
        while (true)
        {
            if (run.Faulted.TryGetValue(state.Anchor, out var faulted)) return Copy(faulted, state);
            var own = new PendingSentence(state.Job.Position);
            var pending = Journal.Pending.GetOrAdd(identity, own);
            if (pending != own)
            {
                await pending.Done.Task.WaitAsync(run.Token).ConfigureAwait(false);
                if (await FindAsync(state).ConfigureAwait(false) is { } row) return FromRow(row, state);
                run.ThrowIfEnded();
                continue;
            }
            try
            {
                return (await WriteOwnAsync([state], run).ConfigureAwait(false))[0];
            }
            finally
            {
                Release(identity, own);
            }
        }
    }

    private void Release(SentenceIdentity identity, PendingSentence pending)
    {
        Journal.Pending.TryRemove(KeyValuePair.Create(identity, pending));
        pending.Done.TrySetResult();
    }

    private async Task<SynthesisOutcome[]> WriteOwnAsync(IReadOnlyList<SentenceState> states, SynthesisRun run)
    {
        if (states.Count == 0) return [];
        var rows = await Task.WhenAll(states.Select(ReadRowAsync)).ConfigureAwait(false);
        var missing = states.Where((_, i) => !Suits(rows[i])).ToArray();
        if (missing.Length > 0)
        {
            var texts = InGroups ? await AskGroupAsync(states, rows, missing, run).ConfigureAwait(false) : [];
            await Task.WhenAll(missing.Select(state => CompleteAsync(state, texts, run))).ConfigureAwait(false);
        }
        return [.. states.Select((state, i) => Suits(rows[i]) ? FromRow(rows[i]!, state) : Outcome(state))];
    }

    /// <summary>Asks for a whole group at once, positives before hard negatives unless one request is to bring both; what it lacks is asked for singly later.</summary>
    private async Task<List<GroupText>> AskGroupAsync(IReadOnlyList<SentenceState> states, OutcomeRow?[] rows, SentenceState[] missing, SynthesisRun run)
    {
        // A sentence whose outcome came from elsewhere in the input, or from a file, never belonged to this group's request.
        long first = states[0].Job.Position, last = states[^1].Job.Position;
        SentenceState[] members = [.. states.Where((_, i) => rows[i] is not { } row || !Suits(row) || (row.OptionsKey is not null && row.Position >= first && row.Position <= last))];
        string[] anchors = [.. members.Select(m => m.Anchor)];
        (int Positives, int Negatives)[] parts = _options.OneRequestPerSentence
            ? [(_options.PositivesPerSentence, _options.NegativesPerSentence)]
            : [(_options.PositivesPerSentence, 0), (0, _options.NegativesPerSentence)];
        List<GroupText> texts = [];
        foreach (var (positives, negatives) in parts)
        {
            if (positives + negatives == 0) continue;
            var request = _requests.Group(anchors, positives, negatives) with { Position = first };
            GroupReading Read(StoredReply reply) => _reader.Group(reply, request, anchors, positives, negatives);
            try
            {
                // Where a part of the group has its outcomes, a new request for all would pay for them again.
                var answer = missing.Length == members.Length ? await _sender.AskAsync(request, Read, run).ConfigureAwait(false) : await _sender.FindAsync(request, Read).ConfigureAwait(false);
                if (answer is null) continue;
                for (int i = 0; i < members.Length; i++) members[i].Count(answer.Reply, members.Length, i);
                foreach (var ((sentence, slot), text) in answer.Reading.Raw) texts.Add(new(members[sentence], slot, text, answer.Reply, request));
            }
            catch (RequestFaultException fault)
            {
                Logger?.LogWarning("The request for a group failed ({Fault}); its sentences are asked for singly.", fault.Fault.Name);
            }
        }
        return texts;
    }

    /// <summary>Fills every text of a sentence, positives first, and writes the outcome down.</summary>
    private async Task CompleteAsync(SentenceState state, List<GroupText> texts, SynthesisRun run)
    {
        try
        {
            foreach (var slot in Slots())
            {
                if (!await FillAsync(state, slot, texts.Find(t => t.State == state && t.Slot == slot), run).ConfigureAwait(false)) break;
            }
        }
        catch (RequestFaultException fault)
        {
            string words = fault.Fault.Message is null ? "" : $" ({fault.Message})";
            (state.RejectedBecause, state.Faulted, state.Asked) = ($"{FaultPrefix}{fault.Fault.Name}{words}", true, true);
            run.Faulted[state.Anchor] = Outcome(state);
        }
        if (state is { RejectedBecause: not null, Refusal: { } refusal } && refusal.Lane.IsOpen(refusal))
        {
            // Whether all are refused is not known yet: the outcome holds in this run, and for later ones from the next reply on.
            run.Faulted[state.Anchor] = Outcome(state);
            var final = Row(state);
            await Journal.WriteAsync(tables => tables.SaveOutcome(final with { OptionsKey = null })).ConfigureAwait(false);
            await Refusals.DeferAsync(refusal, tables => tables.SaveRejected(final)).ConfigureAwait(false);
            return;
        }
        await Journal.WriteAsync(tables => tables.SaveOutcome(Row(state))).ConfigureAwait(false);
    }

    private async Task<bool> FillAsync(SentenceState state, SynthesisSlot slot, GroupText? given, SynthesisRun run)
    {
        var texts = slot.Role == SynthesisRole.Positive ? state.Positives : state.Negatives;
        string rule = "", words = "";
        for (int attempt = 0; attempt < _options.MaxAttempts; attempt++)
        {
            SlotText read;
            StoredReply reply;
            if (attempt == 0 && given is not null)
            {
                read = _reader.Check(given.Text, given.Reply, given.Request, state.Anchor, slot, state.Positives, texts);
                reply = given.Reply;
            }
            else
            {
                var request = _requests.Single(state.Anchor, slot, attempt) with { Position = state.Job.Position };
                try
                {
                    var answer = await _sender.AskAsync(request, r
                        => _reader.Single(r, request, state.Anchor, slot, state.Positives, texts), run).ConfigureAwait(false);
                    (read, reply) = (answer.Reading.Slot, answer.Reply);
                    state.Refusal = null;
                }
                catch (RequestFaultException refused) when (refused.Fault.Kind == SynthesisFaultKind.Refused)
                {
                    (read, reply) = (Refused(state, refused), refused.Reply!);
                }
                state.Count(reply);
            }
            if (read.Text is not null && _options.PairChecks.Count > 0) read = await CheckPairAsync(state, slot, read.Text, reply, given is not null && attempt == 0, run).ConfigureAwait(false);
            if (read.Text is not null)
            {
                texts.Add(read.Text);
                return true;
            }
            (rule, words) = (read.Rule!, read.Words is null ? "" : $" ({read.Words})");
            if (Logger?.IsEnabled(LogLevel.Debug) == true)
                Logger.LogDebug("A {Slot} was rejected by {Rule}: {Reason} {Sentence}", slot, rule, read.Reason, _options.LogSentences ? $"'{state.Anchor}' <- '{reply.Text}'" : "");
        }
        state.RejectedBecause = $"{slot}: {rule}{words}";
        return false;
    }

    private static SlotText Refused(SentenceState state, RequestFaultException refused)
    {
        state.Refusal = refused.Refusal;
        return new(null, refused.Rule, refused.Message) { Words = refused.Words };
    }

    private async Task<SlotText> CheckPairAsync(SentenceState state, SynthesisSlot slot, string text, StoredReply reply, bool ofGroup, SynthesisRun run)
    {
        string? rule, reason;
        try
        {
            (rule, reason) = await _checks.CheckAsync(state, slot, text, run).ConfigureAwait(false);
        }
        catch (RequestFaultException refused) when (refused.Fault.Kind == SynthesisFaultKind.Refused)
        {
            return Refused(state, refused);
        }
        // A group's reply stands for other sentences too; there the outcome alone tells of it.
        bool changed = !ofGroup && (rule is null ? PairCheckRunner.Rejected(reply) : reply.RejectedBy != rule);
        if (changed) await Journal.WriteAsync(tables => tables.ChangeVerdict(reply.Row, rule is null ? "accepted" : "rejected", rule, reason)).ConfigureAwait(false);
        if (rule is null) return new(text, null, null);
        if (!reply.FromJournal) run.Rejected(rule);
        return new(null, rule, reason);
    }

    /// <summary>The texts of a sentence, in the order they are written.</summary>
    public IEnumerable<SynthesisSlot> Slots()
    {
        for (int i = 0; i < _options.PositivesPerSentence; i++) yield return new(SynthesisRole.Positive, i);
        for (int i = 0; i < _options.NegativesPerSentence; i++) yield return new(SynthesisRole.Negative, i);
    }

    private Task<OutcomeRow?> ReadRowAsync(SentenceState state) => Journal.ReadAsync(tables => tables.FindOutcome(state.Key));

    private async Task<OutcomeRow?> FindAsync(SentenceState state) => await ReadRowAsync(state).ConfigureAwait(false) is { } row && Suits(row) ? row : null;

    /// <summary>Whether an outcome in the journal is what these options would give: made with them, or imported with as many texts.</summary>
    internal bool Suits(OutcomeRow? row) => row is not null && (row.OptionsKey is { } key
        ? key.AsSpan().SequenceEqual(_optionsKey) || key.AsSpan().SequenceEqual(_earlierOptionsKey)
        : row.Positives?.Count == _options.PositivesPerSentence && row.Negatives?.Count == _options.NegativesPerSentence);

    private void Count(SynthesisOutcome outcome, SynthesisRun run)
    {
        bool accepted = outcome.Example is not null;
        if (outcome.FromJournal) return;
        SynthesisTelemetry.Sentence(accepted);
        if (run.Count(accepted) < (_options.MaxRejectedInARow ?? int.MaxValue)) return;
        string reasons = string.Join(", ", run.RejectedTexts.OrderByDescending(r => r.Value).Take(3).Select(r => $"{r.Key} {r.Value}"));
        string often = reasons.Length > 0 ? reasons : "faults";
        string? advice = run.RejectedTexts.ContainsKey(ReplyReader.ReasoningOnly)
            ? $" By {ReplyReader.ReasoningOnly}: {ReplyReader.ReasoningAdvice}." : null;
        if (SystemRoleAdvice.For(outcome.RejectedBecause ?? "") is { } placement) advice += $" {placement}";
        run.Stop(new SynthesisStoppedException(SynthesisStopReason.EverythingRejected,
            $"{_options.MaxRejectedInARow} sentences in a row were rejected (most often: {often}; "
            + $"the last one: {outcome.RejectedBecause}). "
            + $"Look at replies in the journal, try another model or prompts, or raise MaxRejectedInARow.{advice} "
            + "Everything read is in the journal."));
    }

    private OutcomeRow Row(SentenceState state) => new()
    {
        AnchorKey = state.Key,
        OptionsKey = state.Faulted ? null : _optionsKey,
        Position = state.Job.Position,
        Anchor = state.Anchor,
        Positives = state.RejectedBecause is null ? state.Positives : null,
        Negatives = state.RejectedBecause is null ? state.Negatives : null,
        Scores = state.Scores.Count > 0 ? state.Scores : null,
        RejectedBecause = state.RejectedBecause,
        Attempts = state.Attempts,
        InputTokens = state.InputTokens,
        OutputTokens = state.OutputTokens,
        Genre = state.Job.Genre,
        Topic = state.Job.Topic,
    };

    private static SynthesisOutcome Outcome(SentenceState state) => new()
    {
        Anchor = state.Job.Sentence,
        Example = state.RejectedBecause is null ? new(state.Anchor, state.Positives, state.Negatives) : null,
        RejectedBecause = state.RejectedBecause,
        Scores = state.Scores.Count > 0 ? state.Scores : null,
        Attempts = state.Attempts,
        FromJournal = !state.Asked,
        InputTokens = state.InputTokens,
        OutputTokens = state.OutputTokens,
        Genre = state.Job.Genre,
        Topic = state.Job.Topic,
    };

    private static SynthesisOutcome FromRow(OutcomeRow row, SentenceState state) => new()
    {
        Anchor = state.Job.Sentence,
        Example = row is { Positives: { } positives, Negatives: { } negatives } ? new(row.Anchor, positives, negatives) : null,
        RejectedBecause = row.RejectedBecause,
        Scores = row.Scores,
        Attempts = row.Attempts,
        FromJournal = true,
        InputTokens = row.InputTokens,
        OutputTokens = row.OutputTokens,
        Genre = row.Genre ?? state.Job.Genre,
        Topic = row.Topic ?? state.Job.Topic,
    };

    // Its requests are the first one's.
    private static SynthesisOutcome Copy(SynthesisOutcome outcome, SentenceState state)
        => outcome with { Anchor = state.Job.Sentence, Attempts = 0, FromJournal = true, InputTokens = 0, OutputTokens = 0, Genre = state.Job.Genre, Topic = state.Job.Topic };

    private static SynthesisOutcome LeftOut(SentenceJob job, string reason)
        => new() { Anchor = job.Sentence, RejectedBecause = reason, Attempts = 0, FromJournal = true, InputTokens = 0, OutputTokens = 0, Genre = job.Genre, Topic = job.Topic };
}
