namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>An HTTP answer that was no reply.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body; null where it is not known.</param>
/// <param name="Header">Finds a header by its name; null for one that is not there.</param>
internal sealed record HttpAnswer(int Status, string? Body, Func<string, string?> Header)
{
    /// <summary>What a tap holds; null where no answer came.</summary>
    public static HttpAnswer? Of(HttpTap? tap) => tap is { Status: > 0 } ? new(tap.Status, tap.Body, tap.Header) : null;
}
