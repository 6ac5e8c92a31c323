namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>One piece of a SentencePiece model.</summary>
internal sealed record SentencePiece(string Text, float Score, SentencePieceKind Kind);
