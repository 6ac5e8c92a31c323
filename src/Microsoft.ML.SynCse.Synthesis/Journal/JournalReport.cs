namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>Reads a report out of a journal.</summary>
internal static class JournalReport
{
    /// <summary>All of a report but why the last run stopped.</summary>
    public static SynthesisReport Read(JournalTables tables, TokenPrices? prices)
    {
        var totals = tables.Totals();
        var states = tables.Counts("SELECT state, COUNT(*) FROM request GROUP BY state");
        return new SynthesisReport
        {
            Sentences = tables.Number("SELECT COUNT(*) FROM outcome"),
            Accepted = tables.Number("SELECT COUNT(*) FROM outcome WHERE positives IS NOT NULL"),
            RejectedSentences = tables.Rejections(),
            Requests = totals.Requests,
            AcceptedRequests = states.GetValueOrDefault("accepted"),
            RejectedRequests = states.GetValueOrDefault("rejected"),
            FaultedRequests = tables.Counts("SELECT fault, COUNT(*) FROM request WHERE state = 'faulted' GROUP BY fault"),
            LostRequests = states.GetValueOrDefault("lost"),
            RejectedTexts = tables.Counts("SELECT rejected_by, COUNT(*) FROM request WHERE rejected_by IS NOT NULL GROUP BY rejected_by"),
            InputTokens = totals.InputTokens,
            OutputTokens = totals.OutputTokens,
            RequestsWithoutUsage = tables.Number("SELECT COUNT(*) FROM request WHERE usage_known = 0 AND state <> 'sent'"),
            Cost = prices?.Cost(totals.InputTokens, totals.OutputTokens),
        };
    }
}
