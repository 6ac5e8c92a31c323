namespace Microsoft.ML.SynCse;

/// <summary>What must hold between a model's vocabulary and the tokens added to it.</summary>
internal static class AddedTokenRules
{
    // The finder takes some 200 bytes a character; the largest models list 6,000 tokens of a dozen characters.
    private const int MostCharacters = 250_000;

    /// <summary>Throws where two tokens have one id, one token two, or an id has none.</summary>
    /// <param name="vocabulary">The model's.</param>
    /// <param name="added">The tokens added to it.</param>
    /// <param name="complaint">Makes the exception, which names the file.</param>
    public static void Check(Vocabulary vocabulary, IReadOnlyList<AddedToken> added, Func<string, Exception> complaint)
    {
        var contents = new Dictionary<int, string>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        if (added.Sum(token => (long)token.Content.Length) is > MostCharacters and var characters)
            throw complaint($"adds tokens of {characters} characters in all; a tokenizer may add {MostCharacters}");
        foreach (var token in added)
        {
            if (!contents.TryAdd(token.Id, token.Content)) throw complaint($"gives the id {token.Id} to both '{contents[token.Id]}' and '{token.Content}'");
            if (!ids.TryAdd(token.Content, token.Id)) throw complaint($"adds the token '{token.Content}' twice");
            if (vocabulary.IdOf(token.Content) is { } id && id != token.Id)
                throw complaint($"adds '{token.Content}' with the id {token.Id}, but in the vocabulary it has {id}");
        }
        foreach (var (content, id) in vocabulary.Tokens)
            if (contents.TryGetValue(id, out var other) && other != content) throw complaint($"gives the id {id} to both '{content}' and '{other}'");
        if (vocabulary.FirstHole(contents.Keys) is { } hole) throw complaint($"has no token for the id {hole}, though larger ids have one");
    }
}
