using System.Globalization;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>The words for how far synthesis is.</summary>
internal static class SynthesisFacts
{
    private const int RulesShown = 6;

    /// <summary>Names and values.</summary>
    /// <param name="progress">What the synthesizer reports.</param>
    /// <param name="goal">When the run is done.</param>
    public static IEnumerable<(string Name, string Value)> Of(SynthesisProgress progress, SynthesisGoal goal)
    {
        long done = goal.Accepted ? progress.Accepted : progress.Done;
        yield return ("done", goal.Sentences is { } all ? Invariant($"{done} of {all} ({100 * done / all} %)") : Invariant($"{done}"));
        yield return ("accepted", Invariant($"{progress.Accepted}"));
        yield return ("rejected", Invariant($"{progress.Rejected}"));
        if (progress.RejectedTexts.Count > 0) yield return ("rejected texts", Counts(progress.RejectedTexts, RulesShown));
        yield return ("requests", Invariant($"{progress.Requests} sent, {progress.InFlight} under way, {progress.Faults} without a reply"));
        yield return ("tokens", Invariant($"{progress.InputTokens} in, {progress.OutputTokens} out"));
        if (progress.Cost is { } cost) yield return ("cost", Invariant($"{cost:0.####}"));
        yield return ("time",
            Time(progress.Elapsed)
            + (progress.Remaining is { } left && done < progress.Total ? $" passed, about {Time(left)} left" : " passed"));
    }

    /// <summary>The facts as a table without lines.</summary>
    public static Grid Table(IEnumerable<(string Name, string Value)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in facts) grid.AddRow(new Text(name, Color.Grey), new Text(value));
        return grid;
    }

    /// <summary>Counts by name, the greatest first.</summary>
    public static string Counts(IReadOnlyDictionary<string, long> counts, int most)
    {
        var ordered = counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).ToArray();
        long others = ordered.Skip(most).Sum(c => c.Value);
        return string.Join(", ", ordered.Take(most).Select(c => Invariant($"{c.Key} {c.Value}")))
            + (others > 0 ? Invariant($", others {others}") : "");
    }

    private static string Time(TimeSpan time) => time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
