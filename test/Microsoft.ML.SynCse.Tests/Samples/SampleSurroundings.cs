using System.Diagnostics;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What surrounds a run of the samples' program.</summary>
internal sealed record SampleSurroundings
{
    /// <summary>What stands on standard input.</summary>
    public string? Input { get; init; }

    /// <summary>Environment variables that are set, or taken away (null); the others are this process's.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>What happens while it runs; a process that is still running then is waited for.</summary>
    public Func<Process, Task>? Meanwhile { get; init; }
}
