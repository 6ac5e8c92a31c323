using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>Which id a token has that is added to a model's vocabulary.</summary>
internal static class AddedTokenRules
{
    // The finder takes some 200 bytes a character; the largest models list 6,000 tokens of a dozen characters.
    private const int MostCharacters = 250_000;

    /// <summary>
    /// The ids that Hugging Face's library gives, whatever the file says: the vocabulary's where it has the token, else those from
    /// the number of entries that the vocabulary's file lists on. Of two equal tokens the first counts; an empty one is none.
    /// </summary>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="listed">The tokens as the file lists them.</param>
    /// <param name="complaint">Makes the exception, which names the file.</param>
    public static List<AddedToken> Number(Vocabulary vocabulary, IReadOnlyList<AddedToken> listed, Func<string, Exception> complaint)
    {
        CheckLength(listed, complaint);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = vocabulary.ListedCount;
        return [.. from token in listed
                   where token.Content.Length > 0 && seen.Add(token.Content)
                   select token with { Id = vocabulary.IdOf(token.Content) ?? next++ }];
    }

    /// <summary>Throws where two tokens of the older files have one id.</summary>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="added">The tokens added to it.</param>
    /// <param name="complaint">Makes the exception, which names the file.</param>
    public static void Check(Vocabulary vocabulary, IReadOnlyList<AddedToken> added, Func<string, Exception> complaint)
    {
        CheckLength(added, complaint);
        var contents = new Dictionary<int, string>();
        foreach (var token in added)
            if (!contents.TryAdd(token.Id, token.Content)) throw complaint($"gives the id {token.Id} to both '{contents[token.Id]}' and '{token.Content}'");
        foreach (var (content, id) in vocabulary.Tokens)
            if (contents.TryGetValue(id, out var other) && other != content) throw complaint($"gives the id {id} to both '{content}' and '{other}'");
    }

    private static void CheckLength(IReadOnlyList<AddedToken> added, Func<string, Exception> complaint)
    {
        if (added.Sum(token => (long)token.Content.Length) is > MostCharacters and var characters)
            throw complaint($"adds tokens of {characters} characters in all; a tokenizer may add {MostCharacters}");
    }
}
