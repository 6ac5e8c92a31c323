namespace Microsoft.ML.SynCse.Core.Tokenization.Normalizers;

/// <summary>Rewrites text before it is cut into pieces. Safe from several threads.</summary>
internal interface ITextNormalizer
{
    /// <param name="text">Well-formed text.</param>
    string Normalize(string text);
}
