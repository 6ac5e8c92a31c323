using System.Globalization;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>What a run would ask for.</summary>
internal static class SynthesisEstimateTable
{
    public static void Write(SynthesisEstimate estimate)
    {
        var table = new CountTable("estimate, nothing was sent");
        table.Add("sentences", estimate.Sentences);
        table.Add("  of them in the journal already", estimate.FromJournal);
        table.Add("requests to send", estimate.Requests);
        table.Add("input tokens", estimate.InputTokens);
        table.Add("output tokens", estimate.OutputTokens);
        if (estimate.Cost is { } cost) table.Add("cost", cost);
        table.Write();
        AnsiConsole.WriteLine(estimate.LearnedFrom > 0
            ? string.Create(CultureInfo.InvariantCulture, $"Corrected by {estimate.LearnedFrom} replies in the journal: ")
                + "their tokens, and the share that was rejected."
            : "Taken: every first reply is accepted. Rejected ones are asked again; once the journal has 50 replies, the estimate learns "
                + "from them.");
    }
}
