using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse;

/// <summary>
/// One reason to turn down, or to clean, what a language model wrote. Add your own to <see cref="TripletSynthesisOptions.Rules"/>.
/// </summary>
/// <remarks>
/// A rule is pure: the same candidate, the same verdict, at any time and on any machine; it is applied again when a journal is read. Rules
/// run in their order, each on the text that the one before it left. Safe from several threads.
/// </remarks>
public interface IReplyRule
{
    /// <summary>
    /// What the journal and the report call it: a few lower-case words with hyphens. It stands for what the rule does: rename a rule when
    /// you change it; otherwise outcomes of the old rule stay valid.
    /// </summary>
    string Name { get; }

    /// <summary>Looks at one candidate.</summary>
    /// <param name="candidate">The text and what it was written for.</param>
    /// <returns>Accepted as it is, accepted with other text, or rejected with a reason.</returns>
    ReplyVerdict Check(ReplyCandidate candidate);
}

/// <summary>A text that a language model wrote, before it is used.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public sealed record ReplyCandidate
{
    /// <summary>
    /// The text: the content of the reply's JSON string, or the raw reply if it was no JSON; cleaned by the rules before.
    /// </summary>
    public required string Text { get; init; }

    /// <summary>What it should be to the anchor.</summary>
    public required SynthesisRole Role { get; init; }

    /// <summary>The sentence it was written for.</summary>
    public required string Anchor { get; init; }

    /// <summary>The positives of this anchor accepted before; a hard negative must not equal one of them.</summary>
    public IReadOnlyList<string> Positives
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>Texts of the same role accepted before for this anchor; several positives or negatives must differ.</summary>
    public IReadOnlyList<string> Siblings
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>What the exemplars in the request answered; none of them may come back as the answer.</summary>
    public IReadOnlyList<string> Exemplars
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Empty;

    /// <summary>Whether the model was cut off at its token limit (finish reason length).</summary>
    public bool Truncated { get; init; }

    /// <summary>Whether the provider itself withheld the answer (finish reason content filter).</summary>
    public bool Filtered { get; init; }
}

/// <summary>What an <see cref="IReplyRule"/> says of a candidate.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public readonly record struct ReplyVerdict
{
    private ReplyVerdict(string? text, string? reason) => (Text, Reason) = (text, reason);

    /// <summary>The text goes on as it is.</summary>
    public static ReplyVerdict Accepted => default;

    /// <summary>The cleaned text that takes the candidate's place; null if it stays as it is.</summary>
    public string? Text { get; }

    /// <summary>Why the candidate is rejected, in a few words without the text itself; null if it is not.</summary>
    public string? Reason { get; }

    /// <summary>The candidate goes on with this text.</summary>
    /// <param name="text">The cleaned text.</param>
    public static ReplyVerdict AcceptedAs(string text) => new(text ?? throw new ArgumentNullException(nameof(text)), null);

    /// <summary>The candidate is not used; the sentence is asked for again with another draw.</summary>
    /// <param name="reason">Why, in a few words; it is logged, so without sentence text.</param>
    public static ReplyVerdict Rejected(string reason) => new(null, reason ?? throw new ArgumentNullException(nameof(reason)));
}
