using System.Diagnostics;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>How far synthesis is: a table that changes in place, or, where the output goes to a file or a pipe, a line every few seconds.</summary>
internal sealed class SynthesisDisplay : IProgress<SynthesisProgress>
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(3);
    private readonly SynthesisGoal _goal;
    private readonly LiveDisplayContext? _live;
    private long _lastLine = Stopwatch.GetTimestamp();
    private SynthesisProgress? _last, _shown;

    private SynthesisDisplay(SynthesisGoal goal, LiveDisplayContext? live) => (_goal, _live) = (goal, live);

    /// <summary>Runs <paramref name="work"/> and shows what it reports.</summary>
    public static async Task ShowAsync(SynthesisGoal goal, Func<SynthesisDisplay, Task> work)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
        {
            await AnsiConsole.Live(new Text("Opening the journal")).StartAsync(context => work(new SynthesisDisplay(goal, context)));
            return;
        }
        var display = new SynthesisDisplay(goal, null);
        try
        {
            await work(display);
        }
        finally
        {
            display.WriteLine();
        }
    }

    /// <summary>Called by the synthesizer, one report after the other.</summary>
    public void Report(SynthesisProgress value)
    {
        _last = value;
        if (_live is not null) _live.UpdateTarget(SynthesisFacts.Table(SynthesisFacts.Of(value, _goal)));
        else if (Stopwatch.GetElapsedTime(_lastLine) >= LineInterval) WriteLine();
    }

    private void WriteLine()
    {
        if (_last is null || _last == _shown) return;
        (_lastLine, _shown) = (Stopwatch.GetTimestamp(), _last);
        AnsiConsole.MarkupLineInterpolated($"{string.Join("; ", SynthesisFacts.Of(_last, _goal).Select(fact => $"{fact.Name}: {fact.Value}"))}");
    }
}
