using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Rows of a journal that nobody asked a language model for.</summary>
internal static class JournalRows
{
    /// <summary>An accepted sentence.</summary>
    public static OutcomeRow Outcome(long position, string anchor, string text) => new()
    {
        AnchorKey = SentenceHash.Of(anchor),
        OptionsKey = new byte[32],
        Position = position,
        Anchor = anchor,
        Positives = [text],
        Negatives = [$"not {text}"],
        Attempts = 2,
        InputTokens = 200,
        OutputTokens = 40,
    };
}
