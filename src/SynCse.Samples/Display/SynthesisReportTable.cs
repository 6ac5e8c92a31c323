using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>What a journal holds, over all runs on it.</summary>
internal static class SynthesisReportTable
{
    public static void Write(SynthesisReport report)
    {
        var table = new CountTable("journal, over all runs");
        table.Add("sentences accepted", report.Accepted);
        table.Add("sentences rejected", report.Sentences - report.Accepted);
        table.AddAll("  ", report.RejectedSentences);
        table.Add("texts rejected, by rule", report.RejectedTexts.Values.Sum());
        table.AddAll("  ", report.RejectedTexts);
        table.Add("requests sent", report.Requests);
        table.Add("  with an accepted text", report.AcceptedRequests);
        table.Add("  with nothing accepted", report.RejectedRequests);
        table.AddAll("  without a reply: ", report.FaultedRequests);
        if (report.LostRequests > 0) table.Add("  lost when a process ended", report.LostRequests);
        table.Add("input tokens", report.InputTokens);
        table.Add("output tokens", report.OutputTokens);
        if (report.RequestsWithoutUsage > 0) table.Add("requests without usage: tokens as reserved", report.RequestsWithoutUsage);
        if (report.Cost is { } cost) table.Add("cost", cost);
        table.Write();
    }
}
