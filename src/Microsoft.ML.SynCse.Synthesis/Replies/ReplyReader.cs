using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>What was read out of a reply, and what the journal is to say of the reply.</summary>
/// <param name="Value">What the caller wanted to know.</param>
/// <param name="AnyAccepted">Whether anything in the reply can be used.</param>
/// <param name="RejectedBy">The rules that rejected texts of it, one for each text.</param>
/// <param name="Reason">Why the first of them was rejected, in words.</param>
internal sealed record ReplyReading<T>(T Value, bool AnyAccepted, IReadOnlyList<string> RejectedBy, string? Reason);

/// <summary>A text that a reply holds for a slot, and what the rules say of it.</summary>
/// <param name="Text">The text, cleaned; null if it was rejected or is missing.</param>
/// <param name="Rule">The rule that rejected it; null if none did.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record SlotText(string? Text, string? Rule, string? Reason)
{
    /// <summary>The refusal of the request for it; null if the provider answered.</summary>
    public RequestFaultException? Refused { get; init; }

    /// <summary>Whether it is an estimate's guess of a text that was not written yet.</summary>
    public bool IsGuess { get; init; }
}

/// <summary>The texts of a reply to a request for several sentences, or for several texts of one.</summary>
/// <param name="Raw">The texts as they were written, by sentence (from 0) and slot; a missing one has no entry.</param>
/// <param name="Slots">What the rules say of every text that was asked for.</param>
internal sealed record GroupTexts(IReadOnlyDictionary<(int Sentence, SynthesisSlot Slot), string> Raw, IReadOnlyList<SlotText> Slots);

/// <summary>Reads replies and applies the rules to each text. Pure.</summary>
internal sealed class ReplyReader(IReadOnlyList<IReplyRule> rules)
{
    /// <summary>The rule's name for a reply that is JSON, but not of the form asked for.</summary>
    public const string WrongForm = "wrong-form";

    /// <summary>The rule's name for a text that a reply to several sentences leaves out.</summary>
    public const string Missing = "missing";

    /// <summary>The rule's name for a reply whose tokens were used up by the model's reasoning.</summary>
    public const string ReasoningOnly = "reasoning-used-up-tokens";

    /// <summary>What to do about <see cref="ReasoningOnly"/>.</summary>
    public const string ReasoningAdvice
        = "the model's reasoning used up the tokens that the reply may have: raise MaxOutputTokens, or switch the model's reasoning off";

    // Characters of a sentence that a model wrote from nothing.
    private const int ShortestSentence = 3, LongestSentence = 600;

    /// <summary>Reads a reply to a request for one text.</summary>
    public ReplyReading<SlotText> Single(StoredReply reply, SynthesisRequest request, string anchor, SynthesisSlot slot,
        IReadOnlyList<string> positives, IReadOnlyList<string> siblings)
    {
        var read = WithoutAnswer(reply) is { } without ? new SlotText(null, without.Rule, without.Reason)
            : ReplyJson.Text(reply.Text) is { } text ? Check(text, reply, request, anchor, slot, positives, siblings)
            : new SlotText(null, WrongForm, "the JSON has no text under 'sentence'");
        return new(read, read.Text is not null, read.Rule is null ? [] : [read.Rule], read.Reason);
    }

    /// <summary>Reads a reply to a request for several texts.</summary>
    public ReplyReading<GroupTexts> Group(
        StoredReply reply, SynthesisRequest request, IReadOnlyList<string> anchors, int positives, int negatives)
    {
        var without = WithoutAnswer(reply);
        var results = without is null ? ReplyJson.Several(reply.Text) : [];
        Dictionary<(int, SynthesisSlot), string> raw = [];
        List<SlotText> slots = [];
        for (int sentence = 0; sentence < anchors.Count; sentence++)
        {
            var (given, opposed) = results.GetValueOrDefault(sentence + 1, ([], []));
            var accepted = ReadRole(SynthesisRole.Positive, positives, given, []);
            ReadRole(SynthesisRole.Negative, negatives, opposed, accepted);

            List<string> ReadRole(SynthesisRole role, int count, IReadOnlyList<string> texts, List<string> before)
            {
                List<string> passed = [];
                for (int i = 0; i < count; i++)
                {
                    var slot = new SynthesisSlot(role, i);
                    if (i < texts.Count) raw[(sentence, slot)] = texts[i];
                    var read = i < texts.Count ? Check(texts[i], reply, request, anchors[sentence], slot, before, passed)
                        : without is { } why ? new SlotText(null, why.Rule, why.Reason)
                        : new SlotText(null, reply.Truncated ? "truncated" : reply.Filtered ? "filtered" : Missing,
                            "the reply does not hold it");
                    slots.Add(read);
                    if (read.Text is not null) passed.Add(read.Text);
                }
                return passed;
            }
        }
        return new(new(raw, slots), slots.Any(s => s.Text is not null), [.. slots.Select(s => s.Rule).OfType<string>()],
            slots.FirstOrDefault(s => s.Reason is not null)?.Reason);
    }

    /// <summary>Applies the rules to a text.</summary>
    public SlotText Check(string text, StoredReply reply, SynthesisRequest request, string anchor, SynthesisSlot slot,
        IReadOnlyList<string> positives, IReadOnlyList<string> siblings)
    {
        var (passed, rule, reason) = ReplyRules.Apply(rules, new ReplyCandidate
        {
            Text = text,
            Role = slot.Role,
            Anchor = anchor,
            Positives = slot.Role == SynthesisRole.Negative ? positives : [],
            Siblings = siblings,
            Exemplars = request.ExemplarAnswers,
            Truncated = reply.Truncated,
            Filtered = reply.Filtered,
        });
        return rule is null ? new(passed, null, null) : new(null, rule, reason);
    }

    /// <summary>
    /// Reads a list of sentences that a model wrote from nothing; of a list that was cut off, the last sentence is left out.
    /// </summary>
    /// <param name="reply">The reply.</param>
    /// <param name="size">Sentences that were asked for.</param>
    /// <returns>The sentences that passed, cleaned.</returns>
    public static ReplyReading<IReadOnlyList<string>> Sentences(StoredReply reply, int size)
    {
        if (WithoutAnswer(reply) is { } without) return new([], false, [without.Rule], without.Reason);
        var written = ReplyJson.Sentences(reply.Text).Take(2 * size).ToList();
        if (reply.Truncated && written.Count > 0) written.RemoveAt(written.Count - 1);
        List<string> sentences = [], rejectedBy = [];
        foreach (string? sentence in written)
        {
            // There is no anchor to compare with, so only the rules that look at the text alone.
            var candidate = new ReplyCandidate { Text = sentence, Role = SynthesisRole.Positive, Anchor = "" };
            var (text, rule, _) = ReplyRules.Apply(ReplyRules.ForSentences, candidate);
            if (rule is null && text!.Length is < ShortestSentence or > LongestSentence) rule = "length";
            if (rule is null) sentences.Add(text!);
            else rejectedBy.Add(rule);
        }
        if (written.Count == 0) rejectedBy.Add(WrongForm);
        return new(sentences, sentences.Count > 0, rejectedBy, sentences.Count > 0 ? null : "no usable sentence in the reply");
    }

    /// <summary>Reads a judge's score; null if the reply holds none from 0 to 5.</summary>
    public static ReplyReading<double?> Score(StoredReply reply)
    {
        if (WithoutAnswer(reply) is { } without) return new(null, false, [without.Rule], without.Reason);
        return ReplyJson.Score(reply.Text) is { } score
            ? new(score, true, [], null) : new(null, false, ["judge-unreadable"], "no score from 0 to 5 in the reply");
    }

    /// <summary>Why a reply holds no answer, so that its text is not read at all; null if it may hold one.</summary>
    private static (string Rule, string Reason)? WithoutAnswer(StoredReply reply)
        => reply.FailedFinish is { } word ? (FinishWord.Name(word), FinishWord.Explain(word))
            : reply.IsReasoningOnly ? (ReasoningOnly, ReasoningAdvice) : null;
}

/// <summary>A reply that was read, in this run or an earlier one.</summary>
/// <param name="Row">Its request's row in the journal.</param>
/// <param name="Text">What the model wrote.</param>
/// <param name="Finish">The provider's finish reason; null if it gave none.</param>
/// <param name="InputTokens">Its input tokens.</param>
/// <param name="OutputTokens">Its output tokens.</param>
internal sealed record StoredReply(long Row, string Text, string? Finish, long InputTokens, long OutputTokens)
{
    /// <summary>The model was cut off.</summary>
    public const string FinishLength = "length";

    /// <summary>The provider withheld the answer.</summary>
    public const string FinishFiltered = "content_filter";

    /// <summary>The model refused, in the place that the provider has for it.</summary>
    public const string FinishRefused = "refusal";

    /// <summary>
    /// The model was cut off while it was still thinking, as the provider's usage or the reply's parts show; not a provider's own word.
    /// </summary>
    public const string FinishReasoning = "length_reasoning";

    /// <summary>Where the provider refused the request: its fault; null if it answered.</summary>
    public SynthesisFault? Refused { get; init; }

    /// <summary>The rules that rejected texts of it, as the journal has them; null if none did.</summary>
    public string? RejectedBy { get; init; }

    /// <summary>Whether it was read in an earlier run.</summary>
    public bool FromJournal { get; init; }

    /// <summary>Whether the model was cut off at its token limit.</summary>
    public bool Truncated => FinishWord.KindOf(Finish) == FinishKind.Cut;

    /// <summary>
    /// The finish reason if it says that the reply is not whole for another reason, or is not known; null if it does not.
    /// </summary>
    public string? FailedFinish => FinishWord.KindOf(Finish) is FinishKind.Failed or FinishKind.Interrupted ? Finish : null;

    /// <summary>Whether it was cut off before the answer began, because reasoning took all the tokens.</summary>
    public bool IsReasoningOnly => Finish == FinishReasoning || (Truncated && ReplyAnswer.IsReasoningOnly(Text));

    /// <summary>Whether the provider withheld the answer, or the model refused it.</summary>
    public bool Filtered => FinishWord.KindOf(Finish) is FinishKind.Filtered or FinishKind.Refused;
}
