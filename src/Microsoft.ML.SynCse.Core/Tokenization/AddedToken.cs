using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>A token that is found in the text itself, before the model sees the text.</summary>
/// <param name="Content">The token's text.</param>
/// <param name="Id">Its id.</param>
internal sealed record AddedToken(string Content, int Id)
{
    // The finder takes about 200 bytes a character; the largest models list 6,000 tokens of a dozen characters.
    private const int MostCharacters = 250_000;

    /// <summary>Whether it is no token if a word character stands beside it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether the white space before it belongs to it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether the white space after it belongs to it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it stands for no text. Other libraries leave such tokens out when they turn ids into text.</summary>
    public bool Special { get; init; }

    /// <summary>Whether it is normalized, and looked for in the normalized text.</summary>
    public bool Normalized { get; init; }

    /// <summary>Reads the flags of an entry of tokenizer.json or tokenizer_config.json.</summary>
    public static AddedToken Read(TokenizerNode node, int id, bool normalized, bool special = false)
        => new(node.RequiredText("content"), id)
        {
            SingleWord = node.Flag("single_word", false),
            StripLeft = node.Flag("lstrip", false),
            StripRight = node.Flag("rstrip", false),
            Normalized = node.Flag("normalized", normalized),
            Special = node.Flag("special", special),
        };

    /// <summary>The entry of tokenizer.json, which has the id, or of tokenizer_config.json, which lists it under the id.</summary>
    public JsonObject ToJson(bool withId)
    {
        var json = new JsonObject();
        if (withId) json["id"] = Id;
        json["content"] = Content;
        json["single_word"] = SingleWord;
        json["lstrip"] = StripLeft;
        json["rstrip"] = StripRight;
        json["normalized"] = Normalized;
        json["special"] = Special;
        return json;
    }

    /// <summary>
    /// Gives tokens the ids that Hugging Face's library gives them, not those of the file: the vocabulary's if it has the token, else
    /// numbers from the count of entries in the vocabulary's file on. Of two equal tokens the first counts; an empty one is left out.
    /// </summary>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <param name="listed">The tokens as the file lists them.</param>
    /// <param name="complaint">Makes the exception, which names the file.</param>
    public static List<AddedToken> Number(Vocabulary vocabulary, IReadOnlyList<AddedToken> listed, Func<string, Exception> complaint)
    {
        CheckLength(listed, complaint);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int next = vocabulary.ListedCount;
        return [.. from token in listed
                   where token.Content.Length > 0 && seen.Add(token.Content)
                   select token with { Id = vocabulary.IdOf(token.Content) ?? next++ }];
    }

    /// <summary>Throws if two tokens of the older files have one id.</summary>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <param name="added">The tokens added to it.</param>
    /// <param name="complaint">Makes the exception, which names the file.</param>
    public static void CheckIds(Vocabulary vocabulary, IReadOnlyList<AddedToken> added, Func<string, Exception> complaint)
    {
        CheckLength(added, complaint);
        var contents = new Dictionary<int, string>();
        foreach (var token in added)
            if (!contents.TryAdd(token.Id, token.Content)) throw SameId(token.Id, contents[token.Id], token.Content);
        foreach (var (content, id) in vocabulary.Tokens)
            if (contents.TryGetValue(id, out string? other) && other != content) throw SameId(id, content, other);

        Exception SameId(int id, string one, string other) => complaint($"gives the id {id} to both '{one}' and '{other}'");
    }

    private static void CheckLength(IReadOnlyList<AddedToken> added, Func<string, Exception> complaint)
    {
        if (added.Sum(token => (long)token.Content.Length) is > MostCharacters and var characters)
            throw complaint($"adds tokens of {characters} characters in all; a tokenizer may add {MostCharacters}");
    }
}
