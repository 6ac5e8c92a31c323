using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization.Models;

/// <summary>
/// Cuts a piece into the tokens whose scores have the highest sum (Viterbi). Neighbouring unknown characters are one token.
/// </summary>
/// <remarks>Not the one of Microsoft.ML.Tokenizers 2.0.1: that is SentencePiece's, which reads another file, sums in single precision and
/// numbers tokens in its own way.</remarks>
internal sealed class UnigramModel : ISubwordModel
{
    // How far the score of an unknown character lies below the lowest score of a token.
    private const double UnknownPenalty = 10;

    private readonly WordCache _cache = new();
    private readonly TokenTrie _tokens;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknown;
    private readonly int[]? _bytes;

    private UnigramModel(Vocabulary vocabulary, double[] scores, int unknown, bool byteFallback)
    {
        (Vocabulary, _scores, _unknown) = (vocabulary, scores, unknown);
        _tokens = new TokenTrie(vocabulary.Tokens);
        _unknownScore = scores.Min() - UnknownPenalty;
        if (!byteFallback) return;
        _bytes = [.. Enumerable.Range(0, 256).Select(value
            => vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")) ?? -1)];
    }

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    public static UnigramModel Read(TokenizerNode part)
    {
        var node = part.Required("vocab");
        var (tokens, scores) = (new List<string>(), new List<double>());
        foreach (var item in node.Items())
        {
            if (item.Items().Take(3).ToList() is not [var token, var score]) throw item.Wrong("must be a token and its score");
            tokens.Add(token.Text());
            scores.Add(score.Number());
        }
        var vocabulary = Vocabulary.Create(tokens, what => node.Wrong(what));
        var unknown = part.Optional("unk_id") ?? throw part.Wrong("lacks 'unk_id', without which some text has no tokens");
        if (unknown.Id() >= tokens.Count) throw unknown.Wrong($"is {unknown.Id()}, but there are {tokens.Count} tokens");
        return new(vocabulary, [.. scores], unknown.Id(), part.Flag("byte_fallback", false));
    }

    /// <summary>The id of text without a token.</summary>
    public int UnknownId => _unknown;

    /// <summary>Whether text without a token is spelled in the tokens of its UTF-8 bytes.</summary>
    public bool HasByteFallback => _bytes is not null;

    /// <inheritdoc/>
    public string? UnknownToken => Vocabulary.TokenOf(_unknown);

    /// <inheritdoc/>
    public bool IsSameAs(ISubwordModel other) => other is UnigramModel model
        && _unknown == model._unknown && (_bytes is null) == (model._bytes is null)
        && _scores.AsSpan().SequenceEqual(model._scores) && Vocabulary.IsSameAs(model.Vocabulary);

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_cache.Find(piece) is not { } word)
        {
            word = Cut(piece);
            _cache.Add(piece, word);
        }
        ids.AddRange(word);
    }

    private int[] Cut(ReadOnlySpan<char> piece)
    {
        int places = piece.Length + 1;
        var (scores, links) = (ArrayPool<double>.Shared.Rent(places), ArrayPool<int>.Shared.Rent(places * 2));
        try
        {
            var starts = links.AsSpan(0, places);
            var tokens = links.AsSpan(places, places);
            FindBest(piece, scores.AsSpan(0, places), starts, tokens);
            return Collect(piece, starts, tokens);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(scores);
            ArrayPool<int>.Shared.Return(links);
        }
    }

    // For each place, the best tokens up to there: the sum of their scores, where the last one starts, and its id.
    private void FindBest(ReadOnlySpan<char> piece, Span<double> scores, Span<int> starts, Span<int> tokens)
    {
        scores[0] = 0;
        starts.Fill(-1);
        for (int at = 0; at < piece.Length;)
        {
            var (length, hasSingle) = (char.IsHighSurrogate(piece[at]) ? 2 : 1, false);
            int node = TokenTrie.Root;
            for (int end = at; end < piece.Length && (node = _tokens.Child(node, piece[end])) >= 0;)
            {
                end++;
                if (_tokens.TokenAt(node) is not (>= 0 and var id)) continue;
                Offer(scores[at] + _scores[id], at, end, id, scores, starts, tokens);
                hasSingle |= end - at == length;
            }
            if (!hasSingle) Offer(scores[at] + _unknownScore, at, at + length, _unknown, scores, starts, tokens);
            at += length;
        }
    }

    // Of two with one score the one that was found first stays.
    private static void Offer(double score, int start, int end, int token, Span<double> scores, Span<int> starts, Span<int> tokens)
    {
        if (starts[end] >= 0 && score <= scores[end]) return;
        (scores[end], starts[end], tokens[end]) = (score, start, token);
    }

    private int[] Collect(ReadOnlySpan<char> piece, ReadOnlySpan<int> starts, ReadOnlySpan<int> tokens)
    {
        var reversed = new List<int>();
        for (int end = piece.Length; end > 0;)
        {
            int start = starts[end];
            if (tokens[end] != _unknown)
            {
                reversed.Add(tokens[end]);
            }
            else
            {
                while (start > 0 && tokens[start] == _unknown) start = starts[start];
                AddUnknown(piece[start..end], reversed);
            }
            end = start;
        }
        reversed.Reverse();
        return [.. reversed];
    }

    // Unknown characters that lie side by side may be a token together. Else they become the tokens of their bytes, if every byte has one.
    // Ids are added from back to front.
    private void AddUnknown(ReadOnlySpan<char> characters, List<int> reversed)
    {
        if (_tokens.Find(characters) is >= 0 and var id)
        {
            reversed.Add(id);
            return;
        }
        byte[] bytes = _bytes is null ? [] : Encoding.UTF8.GetBytes(characters.ToString());
        if (bytes.Length == 0 || bytes.Any(value => _bytes![value] < 0)) reversed.Add(_unknown);
        else reversed.AddRange(Enumerable.Reverse(bytes).Select(value => _bytes![value]));
    }
}
