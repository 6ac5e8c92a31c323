using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse;

/// <summary>Where a sentence was rejected.</summary>
public enum RejectionStage
{
    /// <summary>Before any request: the sentence is empty, or <see cref="TripletSynthesisOptions.Redact"/> left it out.</summary>
    Input,

    /// <summary>At one of its positives.</summary>
    Positive,

    /// <summary>At one of its hard negatives.</summary>
    Negative,

    /// <summary>At a request that failed although it was repeated; a later run asks again.</summary>
    Request,
}

/// <summary>Why a sentence was rejected.</summary>
/// <remarks>
/// <see cref="ToString"/> gives the text that journals and reports hold, such as <c>positive 2: refusal</c>, <c>negative: refused
/// (http-400: Content Exists Risk)</c> or <c>fault: timeout (no reply within 100 s)</c>. Immutable, so safe from several threads.
/// </remarks>
public sealed partial record RejectionReason
{
    private const string FaultPrefix = "fault: ";

    internal RejectionReason()
    {
    }

    /// <summary>Where it was rejected.</summary>
    public required RejectionStage Stage { get; init; }

    /// <summary>Which of several texts of the same role it was, from 0.</summary>
    public int Index { get; init; }

    /// <summary>
    /// The rule that rejected the last text (<see cref="IReplyRule.Name"/>), <c>pair-</c> and the name of a pair check, <c>refused</c>, or
    /// a name that reading a reply gives, such as <c>missing</c>. At <see cref="RejectionStage.Input"/>: what was wrong with the sentence.
    /// Null at <see cref="RejectionStage.Request"/>.
    /// </summary>
    public string? Rule { get; init; }

    /// <summary>
    /// What the fault of the provider meant for the run; null if there was none. If the reason was read from a journal,
    /// <see cref="SynthesisFaultKind.Throttled"/> is known for the status 429 only.
    /// </summary>
    public SynthesisFaultKind? Fault { get; init; }

    /// <summary>The name of that fault, such as <c>http-503</c> (<see cref="SynthesisFault.Name"/>); null if there was none.</summary>
    public string? FaultName { get; init; }

    /// <summary>What the provider said; null if it said nothing.</summary>
    public string? Message { get; init; }

    /// <summary>The text of journals and reports.</summary>
    public override string ToString()
    {
        string words = Message is null ? "" : $" ({Message})";
        if (Stage == RejectionStage.Request) return $"{FaultPrefix}{FaultName}{words}";
        if (FaultName is not null) words = Message is null ? $" ({FaultName})" : $" ({FaultName}: {Message})";
        if (Stage == RejectionStage.Input) return Rule + words;
        var slot = new SynthesisSlot(Stage == RejectionStage.Positive ? SynthesisRole.Positive : SynthesisRole.Negative, Index);
        return $"{slot}: {Rule}{words}";
    }

    /// <summary>A sentence that was rejected before any request.</summary>
    internal static RejectionReason OfInput(string what) => new() { Stage = RejectionStage.Input, Rule = what };

    /// <summary>A sentence for which a text could not be had.</summary>
    internal static RejectionReason OfText(SynthesisSlot slot, string rule, SynthesisFault? fault, string? message) => new()
    {
        Stage = slot.Role == SynthesisRole.Positive ? RejectionStage.Positive : RejectionStage.Negative,
        Index = slot.Index,
        Rule = rule,
        Fault = fault?.Kind,
        FaultName = fault?.Name,
        Message = string.IsNullOrEmpty(message) ? null : message,
    };

    /// <summary>A sentence whose request failed.</summary>
    internal static RejectionReason OfRequest(SynthesisFault fault)
        => new() { Stage = RejectionStage.Request, Fault = fault.Kind, FaultName = fault.Name, Message = fault.Message };

    /// <summary>Reads what <see cref="ToString"/> wrote into a journal; the text of the result is always the text that was given.</summary>
    internal static RejectionReason Parse(string text)
    {
        if (text.StartsWith(FaultPrefix, StringComparison.Ordinal))
        {
            var (name, message) = InBrackets(text[FaultPrefix.Length..]);
            bool throttled = name == "http-429";
            return new()
            {
                Stage = RejectionStage.Request,
                Fault = throttled ? SynthesisFaultKind.Throttled : SynthesisFaultKind.Transient,
                FaultName = name,
                Message = message,
            };
        }
        if (OfSlot().Match(text) is not { Success: true } match) return OfInput(text);
        int index = match.Groups["number"] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) - 1 : 0;
        var slot = new SynthesisSlot(match.Groups["role"].Value == "positive" ? SynthesisRole.Positive : SynthesisRole.Negative, index);
        var (rule, words) = InBrackets(match.Groups["rest"].Value);
        if (words is null) return OfText(slot, rule, null, null);
        int colon = words.IndexOf(": ", StringComparison.Ordinal);
        if (colon + 2 == words.Length) colon = -1;
        var fault = new SynthesisFault(SynthesisFaultKind.Refused, colon < 0 ? words : words[..colon]);
        return OfText(slot, rule, fault, colon < 0 ? null : words[(colon + 2)..]);
    }

    /// <summary>"name (words)" as its parts; the words may hold brackets of their own.</summary>
    private static (string Name, string? Words) InBrackets(string text)
    {
        int open = text.IndexOf(" (", StringComparison.Ordinal);
        return open > 0 && text[^1] == ')' ? (text[..open], text[(open + 2)..^1]) : (text, null);
    }

    [GeneratedRegex("^(?<role>positive|negative)(?: (?<number>[2-9]|[1-9][0-9]{1,8}))?: (?<rest>.*)$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex OfSlot();
}

/// <summary>Counts why sentences were rejected, for messages.</summary>
internal sealed class RejectionCounts
{
    private const int Shown = 5;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Sentences that were rejected.</summary>
    public long Total { get; private set; }

    /// <summary>Counts an outcome; one that was accepted changes nothing.</summary>
    public void Add(SynthesisOutcome outcome)
    {
        if (outcome.RejectionReason is not { } reason) return;
        // By the text: a journal does not keep every part of a reason.
        _counts[reason.ToString()] = _counts.GetValueOrDefault(reason.ToString()) + 1;
        Total++;
    }

    /// <summary>The most frequent reasons with their counts, such as "positive: refusal (12), fault: timeout (3)".</summary>
    public override string ToString()
    {
        var reasons = _counts.Select(c => (Reason: c.Key.ToString(), Count: c.Value))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Reason, StringComparer.Ordinal).Take(Shown)
            .Select(c => $"{c.Reason} ({c.Count})");
        return string.Join(", ", reasons) + (_counts.Count > Shown ? ", and others" : "");
    }
}
