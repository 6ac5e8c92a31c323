namespace Microsoft.ML.SynCse;

/// <summary>How far an <see cref="SentenceEncoder.Encode"/> is; reported after every batch.</summary>
/// <param name="Done">Sentences encoded so far.</param>
/// <param name="Total">Sentences in this call.</param>
/// <param name="Tokens">Tokens encoded so far, special tokens included, padding not.</param>
public sealed record EncodingProgress(long Done, long Total, long Tokens);
