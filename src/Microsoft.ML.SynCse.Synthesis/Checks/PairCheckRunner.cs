using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Prompts;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Checks;

/// <summary>Measures texts with the pair checks, each once: what was measured before comes from the journal.</summary>
internal sealed class PairCheckRunner(TripletSynthesisOptions options, RequestFactory requests, RequestSender sender, FaultPolicy faults,
    RefusalWatch refusals, JournalStore journal)
{
    private readonly SemaphoreSlim _slots = new(options.MaxConcurrency);

    /// <summary>Stands before a check's name in the journal, if the check rejected a text.</summary>
    public const string RulePrefix = "pair-";

    /// <summary>Whether a check rejected the one text of a reply.</summary>
    public static bool Rejected(StoredReply reply) => reply.RejectedBy?.StartsWith(RulePrefix, StringComparison.Ordinal) == true;

    /// <summary>Measures a text and says which check rejects it.</summary>
    /// <param name="sentence">The sentence it belongs to; receives the measures.</param>
    /// <param name="slot">Which text.</param>
    /// <param name="text">The text.</param>
    /// <param name="run">The run.</param>
    /// <returns>The rule and the reason; nulls if every check lets it pass.</returns>
    /// <exception cref="RequestFaultException">A measure could not be taken.</exception>
    /// <exception cref="InvalidOperationException">A check threw; the message names it, and what it threw is inside.</exception>
    public async Task<(string? Rule, string? Reason)> CheckAsync(SentenceState sentence, SynthesisSlot slot, string text, SynthesisRun run)
    {
        foreach (var check in options.PairChecks)
        {
            double score = await check.MeasureAsync(this, sentence, text, run).ConfigureAwait(false);
            double[] positives = slot.Role == SynthesisRole.Positive ? [] : [.. Enumerable.Range(0, options.PositivesPerSentence)
                .Select(i => sentence.Scores.GetValueOrDefault(Key(check, new(SynthesisRole.Positive, i))))];
            string? reason = Reject(check, slot.Role, score, positives);
            // A check of the user's may forget to reject it; journals and exports hold numbers only.
            if (reason is null && !double.IsFinite(score)) reason = "the measure is not a finite number";
            if (reason is not null) return (RulePrefix + check.Name, reason);
            sentence.Scores[Key(check, slot)] = score;
        }
        return (null, null);
    }

    private static string? Reject(IPairCheck check, SynthesisRole role, double score, double[] positives)
    {
        try
        {
            return check.Reject(role, score, positives);
        }
        catch (Exception error)
        {
            throw Threw(check, error);
        }
    }

    // Its message may hold the sentence.
    private static InvalidOperationException Threw(IPairCheck check, Exception error)
        => new($"The pair check '{check.Name}' threw {error.GetType().Name}; a check must give a number for any pair of texts.", error);

    private static string Key(IPairCheck check, SynthesisSlot slot)
        => FormattableString.Invariant($"{check.Name}/{slot.RoleName}/{slot.Index}");

    /// <summary>The measure of a check that measures by itself: from the journal, or taken now and written down.</summary>
    /// <exception cref="RequestFaultException">A service that the check uses failed, repeated calls too.</exception>
    /// <exception cref="InvalidOperationException">The check threw.</exception>
    public async Task<double> ScoreAsync(IPairScorer check, string anchor, string text, SynthesisRun run)
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', check.Name, check.Source, anchor, text)));
        if (await journal.ReadAsync(tables => tables.FindScore(key)).ConfigureAwait(false) is { } known) return known;
        double score = await faults.RepeatAsync(() => ScoreInLaneAsync(check, anchor, text, run), run).ConfigureAwait(false);
        if (double.IsFinite(score)) await journal.WriteAsync(tables => tables.SaveScore(key, score)).ConfigureAwait(false);
        return score;
    }

    // A service may do the measuring: so no more calls at a time than requests, each for no longer, and its errors may repeat a key as
    // well.
    private async Task<double> ScoreInLaneAsync(IPairScorer check, string anchor, string text, SynthesisRun run)
    {
        var lane = refusals.Of(check);
        await _slots.WaitAsync(run.Token).ConfigureAwait(false);
        bool inLane = false;
        try
        {
            await refusals.EnterAsync(lane, null, run).ConfigureAwait(false);
            inLane = true;
            double score = await ScoreOnceAsync(check, anchor, text, run).ConfigureAwait(false);
            inLane = false;
            await refusals.ServedAsync(lane, null).ConfigureAwait(false);
            return score;
        }
        catch (RequestFaultException refused) when (refused.Fault.Kind == SynthesisFaultKind.Refused)
        {
            inLane = false;
            throw new RequestFaultException(refused.Fault, refused.Message)
            {
                Rule = RulePrefix + check.Name,
                Refusal = lane.Refused(refused),
            };
        }
        finally
        {
            if (inLane) lane.Failed();
            _slots.Release();
        }
    }

    private async Task<double> ScoreOnceAsync(IPairScorer check, string anchor, string text, SynthesisRun run)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        var tap = HttpTap.Begin();
        try
        {
            timeout.CancelAfter(options.RequestTimeout);
            return await ProviderCall.Abandonable(check.ScoreAsync(anchor, text, timeout.Token), timeout.Token).ConfigureAwait(false);
        }
        catch (Exception) when (run.Token.IsCancellationRequested)
        {
            // The run is over, and the check may make any exception of that.
            run.ThrowIfEnded();
            throw;
        }
        catch (Exception error)
        {
            // A mistake in a check would be repeated at every text, so it ends the run, as a rule that throws does. An error of the
            // embedding model that the built-in check uses is not the check's mistake.
            bool ours = check is SimilarityGapCheck;
            bool ofService = FaultClassifier.IsOfService(error, ours || tap.Status > 0, ours || timeout.IsCancellationRequested)
                || tap.Status >= 400 || (ours && tap.Status > 0) || options.ClassifyFault?.Invoke(error) is not null;
            if (!ofService) throw Threw(check, error);
            var fault = faults.Read(error, tap);
            throw new RequestFaultException(fault with { Name = $"{check.Name}-{fault.Name}" },
                $"the pair check '{check.Name}' failed: {faults.Reason(fault, error)}");
        }
    }

    /// <summary>The score that a judge gives, asked for until its reply holds one; NaN if none of the replies does.</summary>
    /// <exception cref="RequestFaultException">The judge's provider failed or refused.</exception>
    public async Task<double> AskAsync(JudgeCheck judge, SentenceState sentence, string text, SynthesisRun run)
    {
        RequestFaultException? refused = null;
        for (int attempt = 0; attempt < options.MaxAttempts; attempt++)
        {
            var request = requests.Judge(judge, sentence.Anchor, text, attempt) with { Position = sentence.Job.Position };
            try
            {
                var (reply, read) = await sender.AskAsync(request, ReplyReader.Score, run).ConfigureAwait(false);
                sentence.Count(reply);
                if (read is { } score) return score;
                refused = null;
            }
            catch (RequestFaultException fault) when (fault.Fault.Kind == SynthesisFaultKind.Refused)
            {
                sentence.Count(fault.Reply!);
                refused = fault;
            }
        }
        if (refused is null) return double.NaN;
        throw new RequestFaultException(refused.Fault, refused.Message) { Rule = RulePrefix + judge.Name, Refusal = refused.Refusal };
    }
}
