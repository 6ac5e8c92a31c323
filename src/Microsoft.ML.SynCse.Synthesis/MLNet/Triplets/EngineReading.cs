namespace Microsoft.ML.SynCse.Synthesis.MLNet.Triplets;

/// <summary>One reading's hold on the engine that it began with: the engine's journal stays open until it ends.</summary>
/// <param name="engine">The engine.</param>
internal sealed class EngineReading(SharedEngine engine)
{
    private int _ended;

    /// <summary>The engine.</summary>
    public SharedEngine Engine => engine;

    /// <summary>Lets go of the engine; a second call does nothing.</summary>
    public Task EndAsync() => Interlocked.Exchange(ref _ended, 1) == 0 ? engine.EndReadingAsync() : Task.CompletedTask;
}
