using Spectre.Console;

namespace SynCse.Samples;

/// <summary>The two streams of the console.</summary>
internal static class Terminal
{
    private const int NoWrapping = 10_000;
    private static readonly IAnsiConsole _errors =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Output that goes to a file or a pipe is not wrapped at 80 columns.</summary>
    public static void Prepare()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = NoWrapping;
        _errors.Profile.Width = NoWrapping;
    }

    /// <summary>One red line on standard error.</summary>
    public static void Error(string message) => _errors.MarkupLineInterpolated($"[red]{message}[/]");

    /// <summary>One yellow line on standard error.</summary>
    public static void Warning(string message) => _errors.MarkupLineInterpolated($"[yellow]{message}[/]");
}
