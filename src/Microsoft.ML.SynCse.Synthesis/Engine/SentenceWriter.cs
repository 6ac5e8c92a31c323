using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Synthesis.Checks;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Writes the texts of sentences that the journal has no outcome for: first a request for the whole group, then one text at a time.
/// </summary>
internal sealed class SentenceWriter(TripletSynthesisOptions options, RequestFactory requests, RequestSender sender, ReplyReader reader,
    PairCheckRunner checks, RefusalWatch refusals, JournalStore journal, byte[] optionsKey)
{
    private bool InGroups => options.SentencesPerRequest > 1 || options.OneRequestPerSentence;

    /// <summary>Writes what is missing; the states then hold the texts, and the journal the outcomes.</summary>
    /// <param name="members">Those whose texts belong to the group's request, in input order.</param>
    /// <param name="missing">Those without an outcome; all of them are members.</param>
    /// <param name="position">The place of the group's first sentence in the input.</param>
    /// <param name="run">The run.</param>
    public async Task WriteAsync(SentenceState[] members, SentenceState[] missing, long position, SynthesisRun run)
    {
        var texts = InGroups ? await AskGroupAsync(members, missing, position, run).ConfigureAwait(false) : [];
        await Task.WhenAll(missing.Select(state => CompleteAsync(state, texts, run))).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks for a whole group at once, positives before hard negatives unless one request is to bring both. What the reply lacks is asked
    /// for singly later.
    /// </summary>
    private async Task<List<GroupText>> AskGroupAsync(SentenceState[] members, SentenceState[] missing, long position, SynthesisRun run)
    {
        string[] anchors = [.. members.Select(m => m.Anchor)];
        (int Positives, int Negatives)[] parts = options.OneRequestPerSentence
            ? [(options.PositivesPerSentence, options.NegativesPerSentence)]
            : [(options.PositivesPerSentence, 0), (0, options.NegativesPerSentence)];
        List<GroupText> texts = [];
        foreach (var (positives, negatives) in parts)
        {
            if (positives + negatives == 0) continue;
            var request = requests.Group(anchors, positives, negatives) with { Position = position };
            ReplyReading<GroupTexts> Read(StoredReply reply) => reader.Group(reply, request, anchors, positives, negatives);
            try
            {
                // If a part of the group has its outcomes, a new request for all would pay for them again.
                var answer = missing.Length == members.Length
                    ? await sender.AskAsync(request, Read, run).ConfigureAwait(false)
                    : await sender.FindAsync(request, Read).ConfigureAwait(false);
                if (answer is not ({ } reply, { } group)) continue;
                for (int i = 0; i < members.Length; i++) members[i].Count(reply, members.Length, i);
                foreach (var ((sentence, slot), text) in group.Raw) texts.Add(new(members[sentence], slot, text, reply, request));
            }
            catch (RequestFaultException fault)
            {
                options.Logger?.LogWarning(
                    "The request for a group failed ({Fault}); its sentences are asked for singly.", fault.Fault.Name);
            }
        }
        return texts;
    }

    /// <summary>Fills every text of a sentence, positives first, and writes the outcome down.</summary>
    private async Task CompleteAsync(SentenceState state, List<GroupText> texts, SynthesisRun run)
    {
        bool faulted = false;
        try
        {
            foreach (var slot in SynthesisSlot.All(options.PositivesPerSentence, options.NegativesPerSentence))
            {
                var given = texts.Find(t => t.State == state && t.Slot == slot);
                if (!await FillAsync(state, slot, given, run).ConfigureAwait(false)) break;
            }
        }
        catch (RequestFaultException fault)
        {
            (state.Rejection, state.Asked, faulted) = (RejectionReason.OfRequest(fault.Fault), true, true);
            run.Faulted[state.Anchor] = state.ToOutcome();
        }
        if (state is { Rejection: not null, Refusal: { } refusal } && refusal.Lane.IsOpen(refusal))
        {
            // Whether all are refused is not known yet: the outcome holds in this run, and for later ones from the next reply on.
            run.Faulted[state.Anchor] = state.ToOutcome();
            await journal.WriteAsync(tables => tables.SaveOutcome(state.ToRow(null))).ConfigureAwait(false);
            var final = state.ToRow(faulted ? null : optionsKey);
            await refusals.DeferAsync(refusal, tables => tables.SaveUnlessAccepted(final)).ConfigureAwait(false);
            return;
        }
        await journal.WriteAsync(tables => tables.SaveOutcome(state.ToRow(faulted ? null : optionsKey))).ConfigureAwait(false);
    }

    /// <summary>Has one text written, with another draw for each attempt; false if every attempt was rejected.</summary>
    private async Task<bool> FillAsync(SentenceState state, SynthesisSlot slot, GroupText? given, SynthesisRun run)
    {
        var texts = slot.Role == SynthesisRole.Positive ? state.Positives : state.Negatives;
        var read = new SlotText(null, null, null);
        for (int attempt = 0; attempt < options.MaxAttempts; attempt++)
        {
            bool ofGroup = attempt == 0 && given is not null;
            StoredReply reply;
            if (ofGroup)
            {
                reply = given!.Reply;
                read = reader.Check(given.Text, reply, given.Request, state.Anchor, slot, state.Positives, texts);
            }
            else
            {
                var request = requests.Single(state.Anchor, slot, attempt) with { Position = state.Job.Position };
                try
                {
                    (reply, read) = await sender.AskAsync(
                        request, r => reader.Single(r, request, state.Anchor, slot, state.Positives, texts), run).ConfigureAwait(false);
                    state.Refusal = null;
                }
                catch (RequestFaultException refused) when (refused.Fault.Kind == SynthesisFaultKind.Refused)
                {
                    (reply, read) = (refused.Reply!, Refused(state, refused));
                }
                state.Count(reply);
            }
            if (read.Text is { } text && options.PairChecks.Count > 0)
                read = await CheckPairAsync(state, slot, text, reply, ofGroup, run).ConfigureAwait(false);
            if (read.Text is not null)
            {
                texts.Add(read.Text);
                return true;
            }
            if (options.Logger?.IsEnabled(LogLevel.Debug) == true)
            {
                options.Logger.LogDebug("A {Slot} was rejected by {Rule}: {Reason} {Sentence}", slot, read.Rule, read.Reason,
                    options.LogSentences ? $"'{state.Anchor}' <- '{reply.Text}'" : "");
            }
        }
        state.Rejection = RejectionReason.OfText(slot, read.Rule!, read.Refused?.Fault, read.Refused?.Message);
        return false;
    }

    private static SlotText Refused(SentenceState state, RequestFaultException refused)
    {
        state.Refusal = refused.Refusal;
        return new(null, refused.Rule, refused.Message) { Refused = refused };
    }

    private async Task<SlotText> CheckPairAsync(
        SentenceState state, SynthesisSlot slot, string text, StoredReply reply, bool ofGroup, SynthesisRun run)
    {
        string? rule, reason;
        try
        {
            (rule, reason) = await checks.CheckAsync(state, slot, text, run).ConfigureAwait(false);
        }
        catch (RequestFaultException refused) when (refused.Fault.Kind == SynthesisFaultKind.Refused)
        {
            return Refused(state, refused);
        }
        // A group's reply stands for other sentences too, so its verdict stays; the outcome alone says it.
        bool changed = !ofGroup && (rule is null ? PairCheckRunner.Rejected(reply) : reply.RejectedBy != rule);
        var verdict = rule is null ? AttemptState.Accepted : AttemptState.Rejected;
        if (changed) await journal.WriteAsync(tables => tables.ChangeVerdict(reply.Row, verdict, rule, reason)).ConfigureAwait(false);
        if (rule is null) return new(text, null, null);
        if (!reply.FromJournal) run.Rejected(rule);
        return new(null, rule, reason);
    }

    /// <summary>A text that a group's reply holds.</summary>
    private sealed record GroupText(SentenceState State, SynthesisSlot Slot, string Text, StoredReply Reply, SynthesisRequest Request);
}
