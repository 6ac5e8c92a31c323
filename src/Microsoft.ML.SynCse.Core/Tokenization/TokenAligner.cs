using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.Unicode;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>A token of a text and the part of the text that it stands for.</summary>
internal readonly record struct AlignedToken(int Id, int Start, int End);

/// <summary>
/// Encodes one text as <see cref="SentenceTokenizer"/> does, and finds the part of the text that each token stands for. The parts never go
/// back, and lie inside the text; those of neighbouring tokens overlap if both stand for bytes or parts of one character.
/// </summary>
/// <param name="parts">The tokenizer.</param>
/// <param name="rawTokens">Finds added tokens in the text as it is.</param>
/// <param name="normalizedTokens">Finds added tokens in normalized text.</param>
/// <param name="texts">The texts of the model's tokens by their ids; "" for an id without a token.</param>
internal sealed class TokenAligner(TokenizerParts parts, AddedTokenFinder rawTokens, AddedTokenFinder normalizedTokens, string[] texts)
{
    private readonly int? _unknown = parts.Model.UnknownToken is { } unknown ? parts.Model.Vocabulary.IdOf(unknown) : null;
    private readonly List<AlignedToken> _tokens = [];
    private readonly List<int> _ids = [];

    /// <summary>The tokens of a text, without special tokens around it.</summary>
    public List<AlignedToken> Encode(string sentence)
    {
        var text = AlignedText.Of(WellFormedText.Of(sentence));
        if (parts.LowerCaseFirst) text = text.Map(PythonLowerCase.Of);
        EncodeText(text, normalized: false, atStart: true);
        return _tokens;
    }

    private void EncodeText(AlignedText text, bool normalized, bool atStart)
    {
        var (searchFrom, taken) = (0, 0);
        while (taken < text.Text.Length)
        {
            var token = (normalized ? normalizedTokens : rawTokens).Find(text.Text, ref searchFrom, taken, out int start, out int end);
            if (start > taken) EncodeBetween(text.Slice(taken, start - taken), normalized, atStart && taken == 0);
            if (token is not null) Add(token.Id, text.Origin(start, end));
            taken = end;
        }
    }

    private void EncodeBetween(AlignedText text, bool normalized, bool atStart)
    {
        if (!normalized)
        {
            var normal = parts.Normalizer?.Normalize(text) ?? text;
            EncodeText(normal, normalized: true, atStart && !TextNormalizers.LosesStart(parts.Normalizer, text.Text));
            return;
        }
        List<AlignedText> pieces = [];
        if (parts.PreTokenizer is { } preTokenizer) preTokenizer.Split(text, atStart, (piece, _) => pieces.Add(piece));
        else pieces.Add(text);
        foreach (var piece in pieces) EncodePiece(piece);
    }

    // The tokens' own texts say how much of the piece each takes.
    private void EncodePiece(AlignedText piece)
    {
        _ids.Clear();
        parts.Model.Encode(piece.Text, _ids);
        string text = piece.Text;
        int at = 0, bytesTaken = 0;
        for (int i = 0; i < _ids.Count; i++)
        {
            string token = TextOf(i);
            int start = at, end;
            if (token.Length > 0 && bytesTaken == 0 && IsAt(at, token))
            {
                at = end = at + token.Length;
            }
            else if (IsByte(token) && at < text.Length)
            {
                Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out int length);
                end = at + length;
                if (++bytesTaken == rune.Utf8SequenceLength) (at, bytesTaken) = (end, 0);
            }
            else if (_ids[i] == _unknown || token.Length == 0)
            {
                at = end = EndOfUnknown(at, i + 1);
            }
            else
            {
                // The model left out characters that have no token.
                int found = text.IndexOf(token, at, StringComparison.Ordinal);
                (start, end) = found < 0 ? (at, text.Length) : (found, found + token.Length);
                at = end;
            }
            Add(_ids[i], piece.Origin(start, end));
        }

        bool IsAt(int place, string token) => text.AsSpan(place).StartsWith(token);

        // An unknown token takes one character at least, and all up to the next token that is known.
        int EndOfUnknown(int place, int next)
        {
            if (next == _ids.Count || place >= text.Length) return text.Length;
            string known = TextOf(next);
            do
            {
                Rune.DecodeFromUtf16(text.AsSpan(place), out _, out int length);
                place += length;
            }
            while (place < text.Length && _ids[next] != _unknown && !IsByte(known) && !IsAt(place, known));
            return place;
        }
    }

    // Without what marks that a token continues or ends a word.
    private string TextOf(int index)
    {
        string token = texts[_ids[index]], prefix = parts.Model.ContinuingPrefix, suffix = parts.Model.EndOfWordSuffix;
        if (index > 0 && prefix.Length > 0 && token.StartsWith(prefix, StringComparison.Ordinal)) token = token[prefix.Length..];
        bool ends = index == _ids.Count - 1 && suffix.Length > 0 && token.EndsWith(suffix, StringComparison.Ordinal);
        return ends ? token[..^suffix.Length] : token;
    }

    private static bool IsByte(string token) => TokenDecoder.TryReadByte(token, out _);

    private void Add(int id, (int Start, int End) part)
    {
        var last = _tokens.Count > 0 ? _tokens[^1] : default;
        int start = Math.Max(part.Start, last.Start);
        _tokens.Add(new(id, start, Math.Max(Math.Max(part.End, last.End), start)));
    }
}
