using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>Hugging Face's JavaScript tokenizers.</summary>
internal static class NodeTokenizers
{
    /// <summary>The ids of every text, for each folder; without Node.js or npm the test is inconclusive, with the reason.</summary>
    public static async Task<int[][][]> IdsAsync(
        IEnumerable<string> folders, IEnumerable<string> texts, CancellationToken cancellationToken)
    {
        // Texts with halves of surrogate pairs cannot be told to another process; the golden ones have none.
        string[] lines = await NodeProgram.LinesAsync(
            Path.Combine("Encoding", "Tokenization", "Node"), "@huggingface/tokenizers", "ids.mjs", JsonSerializer.Serialize(texts),
                folders,
            cancellationToken);
        return [.. lines.Select(line => JsonSerializer.Deserialize<int[][]>(line)!)];
    }
}
