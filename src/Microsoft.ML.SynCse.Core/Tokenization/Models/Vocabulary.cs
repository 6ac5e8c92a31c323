using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>Tokens and their ids. No two tokens have one id; there may be ids without a token.</summary>
internal sealed class Vocabulary
{
    // Ids without a token, which added tokens may fill. The limit keeps an absurd id from costing memory.
    private const int MostHoles = 1_000_000;

    private readonly Dictionary<string, int> _ids;

    private Vocabulary(Dictionary<string, int> ids, int? listed = null)
        => (_ids, Size, ListedCount) = (ids, ids.Values.Max() + 1, listed ?? ids.Count);

    /// <summary>One more than the largest id.</summary>
    public int Size { get; }

    public int Count => _ids.Count;

    /// <summary>The number of entries in the file, repeated ones included. Hugging Face's library takes it for the vocabulary's
    /// size.</summary>
    public int ListedCount { get; }

    public IEnumerable<KeyValuePair<string, int>> Tokens => _ids;

    public int? IdOf(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    /// <summary>Reads a JSON object of tokens and ids.</summary>
    public static Vocabulary Read(TokenizerNode node)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, value) in node.Members())
        {
            int id = value.Id();
            // Of two entries of one token the later counts.
            if (ids.TryGetValue(token, out int earlier)) tokens.Remove(earlier);
            ids[token] = id;
            if (!tokens.TryAdd(id, token)) throw node.Wrong($"gives the id {id} to both '{tokens[id]}' and '{token}'");
        }
        if (ids.Count == 0) throw node.Wrong("is empty");
        var vocabulary = new Vocabulary(ids);
        return vocabulary.Size - ids.Count <= MostHoles
            ? vocabulary : throw node.Wrong($"has {ids.Count} tokens, but ids up to {vocabulary.Size - 1}");
    }

    /// <summary>Makes a vocabulary of tokens whose ids are their places in the list; of two equal tokens the later counts.</summary>
    public static Vocabulary Create(IReadOnlyList<string> tokens, Func<string, Exception> complaint)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++) ids[tokens[id]] = id;
        return ids.Count == 0 ? throw complaint("is empty") : new Vocabulary(ids, tokens.Count);
    }

    /// <summary>
    /// Reads a text file with one token on each line; the id is the line's number, from 0. As in transformers, of two equal lines the later
    /// counts, and an empty line is an id without a token.
    /// </summary>
    public static Vocabulary Read(TokenizerFileSet files, string name)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = files.Lines(name);
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        for (int id = 0; id < lines.Count; id++)
            if (lines[id].Length > 0) ids[lines[id]] = id;
        return ids.Count == 0 ? throw files.Wrong(name, "is empty") : new Vocabulary(ids);
    }

    /// <summary>The token of an id; searches the whole vocabulary.</summary>
    public string? TokenOf(int id) => _ids.FirstOrDefault(pair => pair.Value == id).Key;

    /// <summary>The tokens in the order of their ids; "" for an id without a token.</summary>
    public string[] InOrder()
    {
        string[] tokens = new string[Size];
        Array.Fill(tokens, "");
        foreach (var (token, id) in _ids) tokens[id] = token;
        return tokens;
    }

    /// <summary>Whether the same tokens have the same ids.</summary>
    public bool IsSameAs(Vocabulary other) => Count == other.Count && _ids.All(pair => other.IdOf(pair.Key) == pair.Value);

    /// <summary>Writes a JSON object of tokens and ids, in the order of the ids.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (token, id) in _ids.OrderBy(pair => pair.Value)) writer.WriteNumber(token, id);
        writer.WriteEndObject();
    }
}
