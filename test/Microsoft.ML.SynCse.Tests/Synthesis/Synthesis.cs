using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What many tests of synthesis do.</summary>
internal static class Synthesis
{
    /// <summary>Different sentences that the rules like.</summary>
    public static string[] Sentences(int count) => [.. Enumerable.Range(0, count).Select(i => $"Order number {i} came {i % 7} days late")];

    /// <summary>Options with a journal and short waits.</summary>
    public static TripletSynthesisOptions Options(TemporaryFolder folder) => new()
    {
        JournalPath = folder.New("triplets.journal"),
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>One run of a synthesizer of its own, to the end.</summary>
    public static async Task<List<SynthesisOutcome>> RunAsync(IChatClient client, TripletSynthesisOptions options,
        IEnumerable<string> sentences, IProgress<SynthesisProgress>? progress = null)
    {
        await using var synthesizer = new TripletSynthesizer(client, options);
        return await CollectAsync(synthesizer.SynthesizeAsync(sentences, progress));
    }

    /// <summary>All outcomes.</summary>
    public static async Task<List<SynthesisOutcome>> CollectAsync(IAsyncEnumerable<SynthesisOutcome> outcomes)
    {
        List<SynthesisOutcome> list = [];
        await foreach (var outcome in outcomes) list.Add(outcome);
        return list;
    }

    /// <summary>The report of a journal.</summary>
    public static async Task<SynthesisReport> ReportAsync(TripletSynthesisOptions options)
    {
        await using var synthesizer =
            new TripletSynthesizer(new FakeChatClient(_ => throw new InvalidOperationException("nothing is to be sent")), options);
        return await synthesizer.GetReportAsync();
    }

    /// <summary>Why a sentence was rejected, as journals and reports say it; null if it was not.</summary>
    public static string? Why(this SynthesisOutcome outcome) => outcome.RejectionReason?.ToString();

    /// <summary>Outcomes as lines to compare.</summary>
    public static string[] Lines(IEnumerable<SynthesisOutcome> outcomes)
        => [.. outcomes.Select(o
            => $"{o.Anchor}|{string.Join('|', o.Example?.Positives ?? [])}|{string.Join('|', o.Example?.Negatives ?? [])}|{o.Why()}")];
}
