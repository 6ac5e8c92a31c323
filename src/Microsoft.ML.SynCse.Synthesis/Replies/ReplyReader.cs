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
