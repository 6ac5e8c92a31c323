using System.Text.Json;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>What Hugging Face made of a text.</summary>
internal sealed record GoldenTokens(string Text, int[] Ids, bool Ordinary)
{
    /// <summary>Rows of a JSON lines file of the shared folder.</summary>
    public static List<GoldenTokens> Read(string path) => ReadFile(SharedFolder.Path(path));

    /// <summary>Rows of a JSON lines file; a text without a mark is ordinary.</summary>
    public static List<GoldenTokens> ReadFile(string path) => [.. File.ReadLines(path).Select(line =>
    {
        using var row = JsonDocument.Parse(line);
        var root = row.RootElement;
        return new GoldenTokens(
            root.GetProperty("text").GetString()!,
            [.. root.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())],
            !root.TryGetProperty("ordinary", out var ordinary) || ordinary.GetBoolean());
    })];
}
