namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Turns down a runaway reply by its raw size alone, before any other rule reads it; the finer bounds are <see cref="LengthRule"/>'s, on the cleaned text.</summary>
internal sealed class OversizedRule : IReplyRule
{
    // Room for every wrapping that can be cleaned away; a model that repeats itself goes far beyond.
    private const int Slack = 4096;
    private const int Factor = 8;

    /// <inheritdoc/>
    public string Name => "oversized";

    /// <inheritdoc/>
    public ReplyVerdict Check(ReplyCandidate candidate)
        => candidate.Text.Length > Slack + (long)Factor * candidate.Anchor.Length ? ReplyVerdict.Rejected("many times longer than the input") : ReplyVerdict.Accepted;
}
