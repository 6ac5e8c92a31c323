namespace SynCse.Samples;

/// <summary>A line that was found.</summary>
/// <param name="Cosine">Its similarity to the query, -1 to 1.</param>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="Text">The line.</param>
internal sealed record SentenceMatch(double Cosine, int Line, string Text);
