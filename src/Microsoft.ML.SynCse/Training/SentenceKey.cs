namespace Microsoft.ML.SynCse.Training;

/// <summary>When two sentences count as the same text: white space and letter case do not matter.</summary>
internal static class SentenceKey
{
    /// <summary>The text that equal sentences share.</summary>
    public static string Of(string sentence)
        => string.Join(' ', sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
}
