using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;
using Tokenizers.DotNet;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>One tokenizer.json in our tokenizer and in Hugging Face's Rust library, and the texts that they see differently.</summary>
internal sealed class RustComparison
{
    private readonly Tokenizer _rust;
    private readonly SentenceTokenizer _ours;

    /// <param name="tokenizerJson">The file; where it cuts or pads, this is left out.</param>
    public RustComparison(JsonObject tokenizerJson)
        : this(Completed(tokenizerJson))
    {
    }

    /// <param name="json">The file, with all that the library wants to be said.</param>
    public RustComparison(string json)
    {
        using var folder = new TemporaryFolder();
        string path = folder.New("tokenizer.json");
        File.WriteAllText(path, json);
        _rust = new Tokenizer(path);
        _ours = SentenceTokenizer.Load(new MemoryFiles { ["tokenizer.json"] = json }, new TokenizerHints("bert", PadTokenId: 0));
    }

    /// <summary>The test is inconclusive where the library cannot run: the package of its native part that the tests refer to is that of
    /// linux-x64 alone.</summary>
    public static void Require()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Assert.Inconclusive("needs the Rust library, which is there for linux-x64 alone");
    }

    private static string Completed(JsonObject tokenizerJson)
    {
        tokenizerJson["truncation"] = tokenizerJson["padding"] = null;
        tokenizerJson["version"] ??= "1.0";
        foreach (string? name in new[] { "normalizer", "pre_tokenizer", "post_processor", "decoder" })
            if (!tokenizerJson.ContainsKey(name)) tokenizerJson[name] = null;
        foreach (var token in tokenizerJson["added_tokens"]?.AsArray() ?? [])
            foreach (string? flag in new[] { "single_word", "lstrip", "rstrip", "normalized", "special" }) token![flag] ??= false;
        return tokenizerJson.ToJsonString();
    }

    public static RustComparison OfFile(string path) => new(JsonNode.Parse(File.ReadAllBytes(path))!.AsObject());

    public int[] Rust(string text) => [.. _rust.Encode(text).Select(id => (int)id)];

    public int[] Ours(string text) => _ours.Encode(text, int.MaxValue, out _);

    /// <summary>Whether both make the same ids of a text; where there is none, ours is a padding token.</summary>
    public bool Agrees(string text)
        => Rust(text) is var rust && Ours(text) is var ours && (rust.Length == 0 ? ours is [0] : rust.AsSpan().SequenceEqual(ours));

    /// <summary>The parts that do not agree when they stand alone; many are asked about in one text, which is split only where it does not
    /// agree.</summary>
    public IEnumerable<string> Differences(IReadOnlyList<string> parts)
    {
        if (parts.Count == 0 || Agrees(string.Concat(parts))) return [];
        if (parts.Count == 1) return parts;
        int half = parts.Count / 2;
        return Differences([.. parts.Take(half)]).Concat(Differences([.. parts.Skip(half)]));
    }

    /// <summary>What is to be said of a text that does not agree.</summary>
    public string Describe(string text)
        => $"{JsonSerializer.Serialize(text)}\n    Rust {string.Join(' ', Rust(text).Take(40))}\n    ours "
        + $"{string.Join(' ', Ours(text).Take(40))}";
}
