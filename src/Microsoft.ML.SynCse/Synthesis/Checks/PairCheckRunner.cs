using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Measures texts with the pair checks, each once: what was measured before comes from the journal.</summary>
internal sealed class PairCheckRunner(TripletSynthesisOptions options, RequestFactory requests, RequestSender sender, FaultPolicy faults, JournalStore journal)
{
    private readonly SemaphoreSlim _slots = new(options.MaxConcurrency);

    /// <summary>What the journal puts before a check's name where it rejected a text.</summary>
    public const string RulePrefix = "pair-";

    /// <summary>Whether a check rejected the one text of a reply.</summary>
    public static bool Rejected(StoredReply reply) => reply.RejectedBy?.StartsWith(RulePrefix, StringComparison.Ordinal) == true;

    /// <summary>Measures a text and says which check rejects it.</summary>
    /// <param name="sentence">The sentence it belongs to; receives the measures.</param>
    /// <param name="slot">Which text.</param>
    /// <param name="text">The text.</param>
    /// <param name="run">The run.</param>
    /// <returns>The rule and the reason; nulls where every check lets it pass.</returns>
    public async Task<(string? Rule, string? Reason)> CheckAsync(SentenceState sentence, SynthesisSlot slot, string text, SynthesisRun run)
    {
        foreach (var check in options.PairChecks)
        {
            double score = check is JudgeCheck judge ? await JudgeAsync(judge, sentence, text, run).ConfigureAwait(false) : await MeasureAsync(check, sentence.Anchor, text, run).ConfigureAwait(false);
            var positives = Enumerable.Range(0, options.PositivesPerSentence).Select(i => sentence.Scores.GetValueOrDefault(Key(check, new(SynthesisRole.Positive, i)))).ToArray();
            string? reason = check.Reject(slot.Role, score, slot.Role == SynthesisRole.Negative ? positives : []);
            // A check of the user's may forget it; journals and exports hold numbers only.
            if (reason is null && !double.IsFinite(score)) reason = "the measure is not a finite number";
            if (reason is not null) return (RulePrefix + check.Name, reason);
            sentence.Scores[Key(check, slot)] = score;
        }
        return (null, null);
    }

    private static string Key(IPairCheck check, SynthesisSlot slot) => FormattableString.Invariant($"{check.Name}/{slot.RoleName}/{slot.Index}");

    private async Task<double> MeasureAsync(IPairCheck check, string anchor, string text, SynthesisRun run)
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', check.Name, check.Source, anchor, text)));
        if (await journal.ReadAsync(tables => tables.FindScore(key)).ConfigureAwait(false) is { } known) return known;
        double score = await faults.RepeatAsync(() => ScoreAsync(check, anchor, text, run), run).ConfigureAwait(false);
        if (double.IsFinite(score)) await journal.WriteAsync(tables => tables.SaveScore(key, score)).ConfigureAwait(false);
        return score;
    }

    // What measures may be a service too: no more at a time than requests, each for no longer, and its errors may repeat a key as well.
    private async Task<double> ScoreAsync(IPairCheck check, string anchor, string text, SynthesisRun run)
    {
        await _slots.WaitAsync(run.Token).ConfigureAwait(false);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(run.Token);
        try
        {
            timeout.CancelAfter(options.RequestTimeout);
            return await RequestSender.LeaveBehind(check.ScoreAsync(anchor, text, timeout.Token), timeout.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!run.Token.IsCancellationRequested)
        {
            var fault = faults.Read(error);
            throw new RequestFaultException(fault with { Name = $"{check.Name}-{fault.Name}" }, $"the pair check '{check.Name}' failed: {faults.Reason(fault, error)}");
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<double> JudgeAsync(JudgeCheck judge, SentenceState sentence, string text, SynthesisRun run)
    {
        for (int attempt = 0; attempt < options.MaxAttempts; attempt++)
        {
            var request = requests.Judge(sentence.Anchor, text, attempt, judge.Client,
                judge.Model) with
            { Position = sentence.Job.Position };
            var answer = await sender.AskAsync(request, ScoreReading.Of, run).ConfigureAwait(false);
            sentence.Count(answer.Reply);
            if (answer.Reading.Score is { } score) return score;
        }
        return double.NaN;
    }
}
