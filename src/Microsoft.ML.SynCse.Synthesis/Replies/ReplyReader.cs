using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;
using Microsoft.ML.SynCse.Synthesis.Requests;

namespace Microsoft.ML.SynCse.Synthesis.Replies;

/// <summary>Reads replies and puts each text before the rules. Pure.</summary>
internal sealed class ReplyReader(IReadOnlyList<IReplyRule> rules)
{
    /// <summary>What stands for a rule where a reply is JSON, but not of the form asked for.</summary>
    public const string WrongForm = "wrong-form";

    /// <summary>What stands for a rule where a reply to several sentences leaves one out.</summary>
    public const string Missing = "missing";

    /// <summary>What stands for a rule where a model's reasoning used up the tokens that the reply may have.</summary>
    public const string ReasoningOnly = "reasoning-used-up-tokens";

    /// <summary>What to do about <see cref="ReasoningOnly"/>.</summary>
    public const string ReasoningAdvice
        = "the model's reasoning used up the tokens that the reply may have: raise MaxOutputTokens, or switch the model's reasoning off";

    /// <summary>Why a reply holds no answer to read, whatever its text; null where it may.</summary>
    public static (string Rule, string Reason)? WithoutAnswer(StoredReply reply)
        => reply.FailedFinish is { } word ? (FinishWord.Name(word), FinishWord.Explain(word))
            : reply.IsReasoningOnly ? (ReasoningOnly, ReasoningAdvice) : null;

    /// <summary>Reads a reply to a request for one text.</summary>
    public SingleReading Single(StoredReply reply, SynthesisRequest request, string anchor, SynthesisSlot slot, IReadOnlyList<string> positives, IReadOnlyList<string> siblings)
        => new(WithoutAnswer(reply) is { } without ? new SlotText(null, without.Rule, without.Reason)
            : ReplyJson.Text(reply.Text) is { } text ? Check(text, reply, request, anchor, slot, positives, siblings)
            : new SlotText(null, WrongForm, "the JSON has no text under 'sentence'"));

    /// <summary>Reads a reply to a request for several texts.</summary>
    public GroupReading Group(StoredReply reply, SynthesisRequest request, IReadOnlyList<string> anchors, int positives, int negatives)
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
                        : new SlotText(null, reply.Truncated ? "truncated" : reply.Filtered ? "filtered" : Missing, "the reply does not hold it");
                    slots.Add(read);
                    if (read.Text is not null) passed.Add(read.Text);
                }
                return passed;
            }
        }
        return new(raw, slots);
    }

    /// <summary>Puts a text before the rules.</summary>
    public SlotText Check(string text, StoredReply reply, SynthesisRequest request, string anchor, SynthesisSlot slot, IReadOnlyList<string> positives, IReadOnlyList<string> siblings)
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
}

/// <summary>What a reply turned out to hold.</summary>
internal interface IReplyReading
{
    /// <summary>Whether anything in it can be used.</summary>
    bool AnyAccepted { get; }

    /// <summary>The rules that rejected texts of it, one for each text.</summary>
    IReadOnlyList<string> RejectedBy { get; }

    /// <summary>Why the first was rejected, in words.</summary>
    string? Reason { get; }
}

/// <summary>A reply with what was made of it.</summary>
/// <param name="Reply">The reply.</param>
/// <param name="Reading">What was made of it.</param>
internal sealed record ReadReply<T>(StoredReply Reply, T Reading) where T : IReplyReading;

/// <summary>A text that a reply holds for a slot, and what the rules say of it.</summary>
/// <param name="Text">The text, cleaned; null where it was rejected or is missing.</param>
/// <param name="Rule">The rule that rejected it; null where none did.</param>
/// <param name="Reason">Why, in words.</param>
internal sealed record SlotText(string? Text, string? Rule, string? Reason)
{
    /// <summary>What a provider said that refused the request for it; null where it did not.</summary>
    public string? Words { get; init; }

    /// <summary>Whether it stands for a text that was not asked for yet.</summary>
    public bool IsGuess { get; init; }
}

/// <summary>A reply to a request for one text.</summary>
internal sealed record SingleReading(SlotText Slot) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Slot.Text is not null;

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => Slot.Rule is null ? [] : [Slot.Rule];

    /// <inheritdoc/>
    public string? Reason => Slot.Reason;
}

/// <summary>A reply to a request for texts of several sentences, or for several texts.</summary>
/// <param name="Raw">The texts as they were written, by sentence (from 0) and slot; what is missing is not there.</param>
/// <param name="Slots">What the rules say of every text that was asked for.</param>
internal sealed record GroupReading(IReadOnlyDictionary<(int Sentence, SynthesisSlot Slot), string> Raw, IReadOnlyList<SlotText> Slots) : IReplyReading
{
    /// <inheritdoc/>
    public bool AnyAccepted => Slots.Any(s => s.Text is not null);

    /// <inheritdoc/>
    public IReadOnlyList<string> RejectedBy => [.. Slots.Select(s => s.Rule).OfType<string>()];

    /// <inheritdoc/>
    public string? Reason => Slots.FirstOrDefault(s => s.Reason is not null)?.Reason;
}
