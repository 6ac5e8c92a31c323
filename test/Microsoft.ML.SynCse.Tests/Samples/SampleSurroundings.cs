using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What surrounds a run of the samples' program.</summary>
internal sealed record SampleSurroundings
{
    /// <summary>What stands on standard input.</summary>
    public string? Input { get; init; }

    /// <summary>Environment variables that are set, or taken away (null); the others are this process's.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>A line of /bin/sh that runs the program as <c>"$0" "$@"</c>; null: it is run without a shell.</summary>
    public string? Shell { get; init; }

    /// <summary>What happens while it runs; a process that is still running then is waited for.</summary>
    public Func<Process, Task>? Meanwhile { get; init; }
}
