namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>A sentence to write texts for.</summary>
/// <param name="Sentence">As it was given.</param>
/// <param name="Position">Its place in the input, from 0.</param>
/// <param name="Genre">Where a model wrote it: the genre.</param>
/// <param name="Topic">Where a model wrote it: the topics.</param>
internal sealed record SentenceJob(string Sentence, long Position, string? Genre = null, string? Topic = null);
