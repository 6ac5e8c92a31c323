namespace Microsoft.ML.SynCse.Tests;

/// <summary>Sentences of our own, each with a sentence of the same meaning in the same language.</summary>
internal static class LanguagePairs
{
    /// <summary>The pairs of a language.</summary>
    public static (string Anchor, string Reply)[] Of(string language)
    {
        using var reader = new StreamReader(typeof(LanguagePairs).Assembly.GetManifestResourceStream($"Languages/pairs-{language}.tsv")!);
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')).Select(p => (p[0], p[1]))];
    }
}
