using Microsoft.ML.SynCse.Synthesis.Engine;
using Microsoft.ML.SynCse.Synthesis.Journal;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Rows of a journal that nobody asked a language model for.</summary>
internal static class JournalRows
{
    /// <summary>An accepted sentence.</summary>
    public static OutcomeRow Outcome(long position, string anchor, string text)
        => new(SentenceHash.Of(anchor), new byte[32], position, new()
        {
            Anchor = anchor,
            Example = new(anchor, text, $"not {text}"),
            Attempts = 2,
            FromJournal = true,
            InputTokens = 200,
            OutputTokens = 40,
        });
}
