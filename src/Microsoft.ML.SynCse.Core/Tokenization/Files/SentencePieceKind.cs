namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>What a piece of a SentencePiece model is, by the numbers of its format.</summary>
internal enum SentencePieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
