namespace Microsoft.ML.SynCse.Training.Checkpoints;

/// <summary>What a checkpoint holds beside tensors: where the run stands, and what it was begun with.</summary>
internal sealed record CheckpointState
{
    /// <summary>The form's version.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version it was written in.</summary>
    public required int Version { get; init; }

    /// <summary>Which encoder was started from.</summary>
    public required string StartEncoder { get; init; }

    /// <summary>Which rows, in order, weights included.</summary>
    public required string Data { get; init; }

    /// <summary>The options by name, those that do not change the weights left out.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>Every step so far.</summary>
    public required IReadOnlyList<TrainingProgress> Steps { get; init; }

    /// <summary>Every evaluation so far.</summary>
    public required IReadOnlyList<TrainingEvaluation> Evaluations { get; init; }

    /// <summary>The evaluation whose weights are the best so far; null where there was none.</summary>
    public required TrainingEvaluation? Best { get; init; }

    /// <summary>What the run took so far, over all its parts.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Throws where another run is going on than the one that wrote this.</summary>
    /// <exception cref="InvalidOperationException">Another encoder, other data or another option; names it.</exception>
    public void Require(CheckpointState begun, string file)
    {
        if (StartEncoder != begun.StartEncoder) throw Differs("was begun from another encoder");
        if (Data != begun.Data) throw Differs("was begun on other training data");
        foreach (var name in Options.Keys.Union(begun.Options.Keys).Order(StringComparer.Ordinal))
        {
            var (then, now) = (Options.GetValueOrDefault(name, ""), begun.Options.GetValueOrDefault(name, ""));
            if (then != now) throw Differs($"was begun with {name} = {Shown(then)}, and now it is {Shown(now)}");
        }

        InvalidOperationException Differs(string how)
            => new($"The run in '{file}' {how}: give another CheckpointFolder, or set Resume to false to begin anew and replace it.");
        static string Shown(string value) => value.Length == 0 ? "null" : value;
    }
}
