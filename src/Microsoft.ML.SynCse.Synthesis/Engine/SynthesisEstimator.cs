using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Replies;
using Microsoft.ML.SynCse.Synthesis.Requests;
using Microsoft.ML.SynCse.Synthesis.Scratch;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Counts what a run would ask for, by going its way without sending: what the journal holds is read, what it lacks is counted, and taken
/// to be accepted.
/// </summary>
internal sealed class SynthesisEstimator(SynthesisEngine engine, TripletSynthesisOptions options)
{
    // What chat formats add to a message, and JSON to a text; measured on OpenAI's format.
    private const int TokensPerMessage = 4, TokensPerText = 6;

    // Fewer replies than this say little.
    private const long FewReplies = 50;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long _requests, _input, _output, _known;

    private bool InGroups => options.OneRequestPerSentence || options.SentencesPerRequest > 1;

    /// <summary>Counts for given sentences.</summary>
    public async Task<SynthesisEstimate> EstimateAsync(IEnumerable<string> sentences, CancellationToken cancellationToken)
    {
        long total = 0;
        foreach (string[] group in sentences.Chunk(options.SentencesPerRequest))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await CountGroupAsync(group, total).ConfigureAwait(false);
            total += group.Length;
        }
        return await FinishAsync(total).ConfigureAwait(false);
    }

    /// <summary>
    /// Counts for sentences that are still to be written, each taken to be like an exemplar's; those of lists that the journal holds are
    /// known.
    /// </summary>
    public async Task<SynthesisEstimate> EstimateFromScratchAsync(int count, ScratchLists lists, double nearDuplicateSimilarity)
    {
        string[] likely = options.PromptLibrary.Positive.Exemplars.Select(e => e.Sentence)
            .DefaultIfEmpty("A sentence of a dozen words or so, as people write them.").ToArray();
        NearDuplicates different = new(nearDuplicateSimilarity);
        List<string> written = [];
        long number = 0;
        for (int left = count; left > 0; number++)
        {
            var list = lists[number];
            var request = engine.Requests.Scratch(number, lists.Size, list.Genre, list.Topics);
            int given = lists.Size;
            if (await FindAsync(request).ConfigureAwait(false) is { } reply)
            {
                string[] sentences = reply.Refused is null
                    ? [.. ReplyReader.Sentences(reply, lists.Size).Value.Where(different.Add)] : [];
                written.AddRange(sentences);
                given = sentences.Length;
            }
            else
            {
                Count(request, Enumerable.Range(0, lists.Size).Sum(i => Tokens(likely[i % likely.Length]) + TokensPerText));
            }
            left -= given;
        }
        long position = 0;
        foreach (string[] group in written.Take(count).Chunk(options.SentencesPerRequest))
        {
            await CountGroupAsync(group, position).ConfigureAwait(false);
            position += group.Length;
        }
        for (int i = written.Count; i < count; i += options.SentencesPerRequest)
            await CountNewAsync([.. Enumerable.Range(i, Math.Min(options.SentencesPerRequest, count - i))
                .Select(n => likely[n % likely.Length])]).ConfigureAwait(false);
        return await FinishAsync(count).ConfigureAwait(false);
    }

    /// <summary>A group of neighbours as a run would make it (<see cref="SynthesisEngine.WriteAsync"/>).</summary>
    private async Task CountGroupAsync(IReadOnlyList<string?> sentences, long first)
    {
        List<string> members = [], missing = [];
        foreach (string? sentence in sentences)
        {
            string? anchor = options.Redact is { } redact ? redact(sentence ?? "") : sentence;
            if (string.IsNullOrWhiteSpace(anchor) || !_seen.Add(anchor = WellFormedText.Of(anchor))) continue;
            byte[] key = SentenceHash.Of(anchor);
            var row = await engine.Journal.ReadAsync(tables => tables.FindOutcome(key)).ConfigureAwait(false);
            if (!engine.Suits(row)) missing.Add(anchor);
            else _known++;
            // One whose outcome came from elsewhere never belonged to this group's request.
            if (!engine.Suits(row)
                || (row!.OptionsKey is not null && row.Position >= first && row.Position < first + sentences.Count)) members.Add(anchor);
        }
        if (missing.Count > 0) await CountAsync(members, missing).ConfigureAwait(false);
    }

    private Task CountNewAsync(IReadOnlyList<string> anchors) => CountAsync(anchors, anchors);

    private async Task CountAsync(IReadOnlyList<string> members, IReadOnlyList<string> missing)
    {
        Dictionary<(string Anchor, SynthesisSlot Slot), SlotText> given = [];
        if (InGroups)
        {
            int positives = options.PositivesPerSentence, negatives = options.NegativesPerSentence;
            (int, int)[] parts = options.OneRequestPerSentence ? [(positives, negatives)] : [(positives, 0), (0, negatives)];
            foreach (var (p, n) in parts)
            {
                if (p + n > 0) await CountPartAsync(members, missing.Count == members.Count, p, n, given).ConfigureAwait(false);
            }
        }
        foreach (string anchor in missing) await CountSentenceAsync(anchor, given).ConfigureAwait(false);
    }

    private async Task CountPartAsync(IReadOnlyList<string> members, bool isAsked, int positives, int negatives,
        Dictionary<(string, SynthesisSlot), SlotText> given)
    {
        var request = engine.Requests.Group(members, positives, negatives);
        if (await FindAsync(request).ConfigureAwait(false) is { } reply)
        {
            if (reply.Refused is not null) return;
            var slots = engine.Reader.Group(reply, request, members, positives, negatives).Value.Slots;
            int next = 0;
            foreach (string anchor in members)
            {
                foreach (var slot in SynthesisSlot.All(positives, negatives)) given[(anchor, slot)] = slots[next++];
            }
        }
        else if (isAsked)
        {
            Count(request, members.Sum(a => (positives + negatives) * (Tokens(a) + TokensPerText) + TokensPerText));
            foreach (string anchor in members)
            {
                foreach (var slot in SynthesisSlot.All(positives, negatives)) given[(anchor, slot)] = Guess(anchor);
            }
        }
    }

    /// <summary>
    /// A sentence's texts, tried as often as a run would; it ends with the first text that the journal knows not to come.
    /// </summary>
    private async Task CountSentenceAsync(string anchor, Dictionary<(string, SynthesisSlot), SlotText> given)
    {
        List<string> positives = [], negatives = [];
        foreach (var slot in SynthesisSlot.All(options.PositivesPerSentence, options.NegativesPerSentence))
        {
            var texts = slot.Role == SynthesisRole.Positive ? positives : negatives;
            bool filled = false;
            for (int attempt = 0; attempt < options.MaxAttempts && !filled; attempt++)
            {
                var read = attempt == 0 && given.TryGetValue((anchor, slot), out var of)
                    ? of : await ReadAsync(anchor, slot, attempt, positives, texts).ConfigureAwait(false);
                if (read.Text is not { } text) continue;
                filled = await PassesJudgesAsync(anchor, slot, read).ConfigureAwait(false);
                if (filled && !read.IsGuess) texts.Add(text);
            }
            if (!filled) return;
        }
    }

    private async Task<SlotText> ReadAsync(string anchor, SynthesisSlot slot, int attempt, List<string> positives, List<string> siblings)
    {
        var request = engine.Requests.Single(anchor, slot, attempt);
        if (await FindAsync(request).ConfigureAwait(false) is not { } reply)
        {
            Count(request, Tokens(anchor) + TokensPerText);
            return Guess(anchor);
        }
        return reply.Refused is null
            ? engine.Reader.Single(reply, request, anchor, slot, positives, siblings).Value
            : new SlotText(null, RequestFaultException.RefusedRule, null);
    }

    /// <summary>Counts what the judges would be asked; false if the journal knows that one rejects the text.</summary>
    private async Task<bool> PassesJudgesAsync(string anchor, SynthesisSlot slot, SlotText text)
    {
        foreach (var judge in options.PairChecks.OfType<JudgeCheck>())
        {
            double score = double.NaN;
            bool isGuess = false;
            for (int attempt = 0; attempt < options.MaxAttempts && double.IsNaN(score) && !isGuess; attempt++)
            {
                var request = engine.Requests.Judge(judge, anchor, text.Text!, attempt);
                var reply = text.IsGuess ? null : await FindAsync(request).ConfigureAwait(false);
                isGuess = reply is null;
                if (reply is null) Count(request, TokensPerText);
                else if (reply.Refused is null) score = ReplyJson.Score(reply.Text) ?? double.NaN;
            }
            // Against its anchor alone: the gap to the positives needs scores that may not be there yet.
            if (!isGuess && judge.Reject(slot.Role, score, []) is not null) return false;
        }
        return true;
    }

    // A text that was not written yet is taken to be as long as its anchor, and to be accepted.
    private static SlotText Guess(string anchor) => new(anchor, null, null) { IsGuess = true };

    private Task<StoredReply?> FindAsync(SynthesisRequest request) => engine.Journal.ReadAsync(tables => tables.FindReply(request.Key));

    private void Count(SynthesisRequest request, long output)
    {
        _requests++;
        _input += request.Messages.Sum(m => Tokens(m.Text) + TokensPerMessage);
        if (request.Options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema }) _input += Tokens(schema.GetRawText());
        _output += output;
    }

    private int Tokens(string text) => options.CountTokens is { } count ? count(text) : (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    private async Task<SynthesisEstimate> FinishAsync(long total)
    {
        bool singly = !InGroups && options.PairChecks.Count == 0;
        var learned = await engine.Journal.ReadAsync(tables => tables.Learned()).ConfigureAwait(false);
        bool learns = singly && learned.Replies >= FewReplies;
        if (learns)
        {
            // A text is asked for again while it is rejected, MaxAttempts times at most.
            double rejected = (double)learned.Rejected / learned.Replies,
                tries = Enumerable.Range(0, options.MaxAttempts).Sum(i => Math.Pow(rejected, i));
            _requests = (long)Math.Ceiling(_requests * tries);
            (_input, _output) = ((long)(_requests * learned.MeanInput), (long)(_requests * learned.MeanOutput));
        }
        return new SynthesisEstimate
        {
            Sentences = total,
            FromJournal = _known,
            Requests = _requests,
            InputTokens = _input,
            OutputTokens = _output,
            Cost = options.Prices?.Cost(_input, _output),
            LearnedFrom = learns ? learned.Replies : 0,
        };
    }
}
