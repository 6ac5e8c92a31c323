namespace Microsoft.ML.SynCse.Synthesis.Journal;

/// <summary>A sentence that somebody works on.</summary>
/// <param name="Position">Its place in the input, from 0.</param>
internal sealed record PendingSentence(long Position)
{
    /// <summary>Told when the outcome is in the journal, or the work ended without one.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
