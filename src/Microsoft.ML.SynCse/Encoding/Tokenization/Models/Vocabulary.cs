using System.Text.Json;

namespace Microsoft.ML.SynCse;

/// <summary>Tokens and their ids, each id once.</summary>
internal sealed class Vocabulary
{
    // Added tokens may fill holes; an id beyond all reason must not cost memory before that is looked at.
    private const int MostHoles = 1_000_000;

    private readonly Dictionary<string, int> _ids;

    private Vocabulary(Dictionary<string, int> ids) => (_ids, Size) = (ids, ids.Values.Max() + 1);

    /// <summary>One more than the largest id.</summary>
    public int Size { get; }

    public int Count => _ids.Count;

    public IEnumerable<KeyValuePair<string, int>> Tokens => _ids;

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>A JSON object of tokens and ids.</summary>
    public static Vocabulary Read(TokenizerNode node)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, value) in node.Members())
        {
            var id = value.Id();
            if (!ids.TryAdd(token, id)) throw node.Wrong($"has the token '{token}' twice");
            if (!tokens.TryAdd(id, token)) throw node.Wrong($"gives the id {id} to both '{tokens[id]}' and '{token}'");
        }
        if (ids.Count == 0) throw node.Wrong("is empty");
        var vocabulary = new Vocabulary(ids);
        return vocabulary.Size - ids.Count <= MostHoles ? vocabulary : throw node.Wrong($"has {ids.Count} tokens, but ids up to {vocabulary.Size - 1}");
    }

    /// <summary>Tokens whose ids are their places.</summary>
    public static Vocabulary Create(IReadOnlyList<string> tokens, Func<string, Exception> complaint)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
            if (!ids.TryAdd(tokens[id], id)) throw complaint($"has the token '{tokens[id]}' twice, as {ids[tokens[id]]} and {id}");
        return ids.Count == 0 ? throw complaint("is empty") : new Vocabulary(ids);
    }

    /// <summary>A text file with a token a line; the id is the line's number, from 0.</summary>
    public static Vocabulary Read(TokenizerFileSet files, string name)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = files.Lines(name);
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        foreach (var token in lines)
        {
            var id = ids.Count;
            if (!ids.TryAdd(token, id)) throw files.Wrong(name, $"has the token '{token}' twice, in lines {ids[token] + 1} and {id + 1}");
        }
        return ids.Count == 0 ? throw files.Wrong(name, "is empty") : new Vocabulary(ids);
    }

    public string? TokenOf(int id) => _ids.FirstOrDefault(pair => pair.Value == id).Key;

    /// <summary>The tokens in the order of their ids.</summary>
    public IEnumerable<string> InOrder() => _ids.OrderBy(pair => pair.Value).Select(pair => pair.Key);

    /// <summary>Whether the same tokens have the same ids.</summary>
    public bool IsSameAs(Vocabulary other) => Count == other.Count && _ids.All(pair => other.IdOf(pair.Key) == pair.Value);

    /// <summary>Writes a JSON object of tokens and ids, in the order of these.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (token, id) in _ids.OrderBy(pair => pair.Value)) writer.WriteNumber(token, id);
        writer.WriteEndObject();
    }

    /// <summary>The first id below <see cref="Size"/> that neither this nor <paramref name="others"/> has.</summary>
    public int? FirstHole(IEnumerable<int> others)
    {
        var taken = others.Concat(_ids.Values).ToHashSet();
        if (taken.Count >= Size && Count == Size) return null;
        for (var id = 0; id < Size; id++)
            if (!taken.Contains(id)) return id;
        return null;
    }
}
