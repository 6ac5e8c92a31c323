using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>Takes the longest token that a word begins with, then the longest that the rest begins with, and so on. A word whose rest
/// begins with no token is unknown as a whole.</summary>
internal sealed class WordPieceModel : ISubwordModel
{
    // The time for a word grows with the square of its length.
    private const int LongestWordAllowed = 10_000;

    private readonly WordCache _cache = new();
    private readonly WordPieceTokenizer _words;
    private readonly int _longestWord;
    private readonly int[] _unknown;

    private WordPieceModel(Vocabulary vocabulary, WordPieceTokenizer words, string prefix, int longestWord)
    {
        (Vocabulary, _words, ContinuingPrefix, _longestWord) = (vocabulary, words, prefix, longestWord);
        _unknown = [words.UnknownTokenId];
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    public static WordPieceModel Read(TokenizerNode part)
    {
        string unknown = part.OptionalText("unk_token") ?? "[UNK]";
        int longestWord = part.Optional("max_input_chars_per_word") is { } longest ? longest.Integer() : 100;
        if (longestWord is < 1 or > LongestWordAllowed)
            throw part.Wrong($"has a max_input_chars_per_word that is not between 1 and {LongestWordAllowed}");
        var vocabulary = Vocabulary.Read(part.Required("vocab"));
        if (vocabulary.IdOf(unknown) is null) throw part.Wrong($"has the unk_token '{unknown}', which its vocab lacks");
        string prefix = part.OptionalText("continuing_subword_prefix") ?? "##";
        var words = WordPieceTokenizer.Create(Lines(vocabulary), new WordPieceOptions
        {
            UnknownToken = unknown,
            ContinuingSubwordPrefix = prefix,
            // Microsoft.ML.Tokenizers counts UTF-16 units, Hugging Face characters. Encode keeps the limit; here is room for the longest.
            MaxInputCharsPerWord = longestWord * 2,
        });
        return new WordPieceModel(vocabulary, words, prefix, longestWord);
    }

    /// <inheritdoc/>
    public string UnknownToken => _words.UnknownToken;

    /// <inheritdoc/>
    public string ContinuingPrefix { get; }

    /// <inheritdoc/>
    public bool IsSameAs(ISubwordModel other) => other is WordPieceModel model
        && (UnknownToken, ContinuingPrefix, _longestWord) == (model.UnknownToken, model.ContinuingPrefix, model._longestWord)
        && Vocabulary.IsSameAs(model.Vocabulary);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.Find(piece) is not { } word)
        {
            word = IsTooLong(piece) ? _unknown
                : [.. _words.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false)];
            _cache.Add(piece, word);
        }
        ids.AddRange(word);
    }

    private bool IsTooLong(ReadOnlySpan<char> piece)
    {
        if (piece.Length <= _longestWord) return false;
        int characters = 0;
        foreach (var _ in piece.EnumerateRunes())
            if (++characters > _longestWord) return true;
        return false;
    }

    // Microsoft.ML.Tokenizers reads a vocabulary only as the lines of a file; an id without a token is an empty line.
    private static MemoryStream Lines(Vocabulary vocabulary)
    {
        string[] lines = new string[vocabulary.Size];
        // A token with a line break cannot be a line, so it is left out. Text is cut at white space before it comes here.
        foreach (var (token, id) in vocabulary.Tokens)
            if (token.AsSpan().IndexOfAny('\r', '\n') < 0) lines[id] = token;
        return new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }
}
