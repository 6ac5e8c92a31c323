namespace Microsoft.ML.SynCse.Core.MLNet;

/// <summary>One file of a saved encoder, and how it is known to be whole: a zip's own checksum is not looked at when an entry is read.</summary>
/// <param name="Name">The path below the encoder's folder, with '/' between folders.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">Of the content, as upper-case hexadecimal digits.</param>
internal sealed record EmbeddingModelFile(string Name, long Length, string Sha256);
