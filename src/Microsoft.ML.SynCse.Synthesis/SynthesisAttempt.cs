namespace Microsoft.ML.SynCse;

/// <summary>The request under way: what a chat client's own pipeline may send along, so that a provider's log and the journal can be laid side by side.</summary>
public static class SynthesisAttempt
{
    private static readonly AsyncLocal<string?> Id = new();

    /// <summary>The id of the attempt on whose behalf this code runs, 32 hexadecimal digits; null outside of one. Every request that is sent, a repeated one too, has its own.</summary>
    public static string? CurrentId
    {
        get => Id.Value;
        internal set => Id.Value = value;
    }
}
