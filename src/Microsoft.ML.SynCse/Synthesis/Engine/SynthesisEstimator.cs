using System.Text;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse;

/// <summary>Counts what a run would ask for, by writing its requests without sending them.</summary>
internal sealed class SynthesisEstimator(SynthesisEngine engine, TripletSynthesisOptions options)
{
    // What chat formats add to a message, and JSON to a text; measured on OpenAI's format.
    private const int TokensPerMessage = 4, TokensPerText = 6;

    // Fewer replies than this say little.
    private const long FewReplies = 50;

    private long _requests, _input, _output;

    /// <summary>Counts for given sentences.</summary>
    public async Task<SynthesisEstimate> EstimateAsync(IEnumerable<string> sentences, CancellationToken cancellationToken)
    {
        long total = 0, known = 0;
        HashSet<string> seen = new(StringComparer.Ordinal);
        List<string> group = [];
        foreach (var sentence in sentences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            total++;
            string? anchor = options.Redact is { } redact ? redact(sentence ?? "") : sentence;
            if (string.IsNullOrWhiteSpace(anchor) || !seen.Add(anchor)) continue;
            byte[] key = SentenceHash.Of(anchor);
            if (engine.Suits(await engine.Journal.ReadAsync(tables => tables.FindOutcome(key)).ConfigureAwait(false))) known++;
            else group.Add(anchor);
            if (group.Count < options.SentencesPerRequest) continue;
            await CountGroupAsync(group).ConfigureAwait(false);
            group.Clear();
        }
        if (group.Count > 0) await CountGroupAsync(group).ConfigureAwait(false);
        return await FinishAsync(total, known).ConfigureAwait(false);
    }

    /// <summary>Counts for sentences that are still to be written, each taken to be like an exemplar's.</summary>
    public async Task<SynthesisEstimate> EstimateFromScratchAsync(int count, ScratchLists lists)
    {
        long number = 0;
        var likely = options.PromptLibrary.Positive.Exemplars.Select(e => e.Sentence).DefaultIfEmpty("A sentence of a dozen words or so, as people write them.").ToArray();
        for (int left = count; left > 0; left -= lists.Size, number++)
        {
            var list = lists[number];
            var request = engine.Requests.Scratch(number, lists.Size, list.Genre, list.Topics);
            if (await IsKnownAsync(request).ConfigureAwait(false)) continue;
            Count(request, Enumerable.Range(0, lists.Size).Sum(i => Tokens(likely[i % likely.Length]) + TokensPerText));
        }
        for (int i = 0; i < count; i += options.SentencesPerRequest)
            await CountGroupAsync([.. Enumerable.Range(i, Math.Min(options.SentencesPerRequest, count - i)).Select(n => likely[n % likely.Length])]).ConfigureAwait(false);
        return await FinishAsync(count, 0).ConfigureAwait(false);
    }

    private async Task CountGroupAsync(List<string> anchors)
    {
        int positives = options.PositivesPerSentence, negatives = options.NegativesPerSentence, texts = positives + negatives;
        if (options.OneRequestPerSentence || options.SentencesPerRequest > 1)
        {
            (int, int)[] parts = options.OneRequestPerSentence ? [(positives, negatives)] : [(positives, 0), (0, negatives)];
            foreach (var (p, n) in parts)
            {
                if (p + n > 0) Count(engine.Requests.Group(anchors, p, n), anchors.Sum(a => (p + n) * (Tokens(a) + TokensPerText) + TokensPerText));
            }
        }
        else
        {
            foreach (var slot in engine.Slots())
            {
                var request = engine.Requests.Single(anchors[0], slot, 0);
                if (!await IsKnownAsync(request).ConfigureAwait(false)) Count(request, Tokens(anchors[0]) + TokensPerText);
            }
        }
        foreach (var judge in options.PairChecks.OfType<JudgeCheck>())
        {
            foreach (var anchor in anchors)
            {
                for (int i = 0; i < texts; i++) Count(engine.Requests.Judge(anchor, anchor, 0, judge.Client, judge.Model), TokensPerText);
            }
        }
    }

    private async Task<bool> IsKnownAsync(SynthesisRequest request) => await engine.Journal.ReadAsync(tables => tables.FindReply(request.Key)).ConfigureAwait(false) is not null;

    private void Count(SynthesisRequest request, long output)
    {
        _requests++;
        _input += request.Messages.Sum(m => Tokens(m.Text) + TokensPerMessage);
        if (request.Options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema }) _input += Tokens(schema.GetRawText());
        _output += output;
    }

    private int Tokens(string text) => options.CountTokens is { } count ? count(text) : (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    private async Task<SynthesisEstimate> FinishAsync(long total, long known)
    {
        bool singly = !options.OneRequestPerSentence && options.SentencesPerRequest == 1 && options.PairChecks.Count == 0;
        var learned = await engine.Journal.ReadAsync(tables => tables.Learned()).ConfigureAwait(false);
        bool learns = singly && learned.Replies >= FewReplies;
        if (learns)
        {
            // A text is asked for again while it is rejected, MaxAttempts times at most.
            double rejected = (double)learned.Rejected / learned.Replies, tries = Enumerable.Range(0, options.MaxAttempts).Sum(i => Math.Pow(rejected, i));
            _requests = (long)Math.Ceiling(_requests * tries);
            (_input, _output) = ((long)(_requests * learned.MeanInput), (long)(_requests * learned.MeanOutput));
        }
        return new SynthesisEstimate
        {
            Sentences = total,
            FromJournal = known,
            Requests = _requests,
            InputTokens = _input,
            OutputTokens = _output,
            Cost = options.Prices?.Cost(_input, _output),
            LearnedFrom = learns ? learned.Replies : 0,
        };
    }
}
