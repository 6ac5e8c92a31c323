namespace Microsoft.ML.SynCse;

/// <summary>One reason to turn down, or to clean, what a language model wrote. Add your own to <see cref="TripletSynthesisOptions.Rules"/>.</summary>
/// <remarks>
/// A rule is pure: the same candidate, the same verdict, whenever and wherever; it is asked again when a journal is read. Rules run in their order, each on the
/// text that the one before it left. Safe from several threads.
/// </remarks>
public interface IReplyRule
{
    /// <summary>What the journal and the report call it: a few lower-case words with hyphens. It stands for what the rule does: a rule that changed needs another name, or outcomes of before stay.</summary>
    string Name { get; }

    /// <summary>Looks at one candidate.</summary>
    /// <param name="candidate">The text and what it was written for.</param>
    /// <returns>Accepted as it is, accepted with other text, or rejected with a reason.</returns>
    ReplyVerdict Check(ReplyCandidate candidate);
}
