using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>An encoder's tokenizer as a <see cref="Tokenizer"/>, for text chunkers and other code of .NET that counts tokens.</summary>
/// <remarks>
/// <para>Normalizing and cutting into words are part of the encoder, so they are always done: <see cref="Tokenizer.Normalizer"/> and
/// <see cref="Tokenizer.PreTokenizer"/> are null, considerNormalization and considerPreTokenization change nothing, and normalizedText is
/// always null. Offsets and indexes are those of the original text. (Text chunkers leave normalizing out to get such indexes; if that
/// changed the tokens, their counts would be wrong for the encoder.)</para>
/// <para>Safe from several threads, until the encoder is disposed.</para>
/// </remarks>
internal sealed class EncoderTokenizer : Tokenizer
{
    // As many tokens as are needed are looked for in a window of the text. The first one has this number of characters for each.
    private const int WindowPerToken = 8;

    // Tokens this near to the end of a window may not be those of the whole text.
    private const int WindowMargin = 16;

    private readonly SentenceTokenizer _tokenizer;
    private readonly Action _ensureUsable;
    private readonly Lazy<string[]> _texts;
    private readonly Lazy<TokenDecoder> _decoder;
    private readonly PostProcessor _around;

    /// <param name="tokenizer">The encoder's tokenizer.</param>
    /// <param name="addSpecialTokens">Whether the special tokens around a text are added and counted.</param>
    /// <param name="ensureUsable">Throws if the encoder was disposed.</param>
    /// <exception cref="InvalidOperationException">The tokenizer puts no special tokens around a text.</exception>
    public EncoderTokenizer(SentenceTokenizer tokenizer, bool addSpecialTokens, Action ensureUsable)
    {
        if (addSpecialTokens && tokenizer.SpecialTokenCount == 0)
        {
            throw new InvalidOperationException(
                "The encoder's tokenizer puts no special tokens around a text, so AsTokenizer cannot add them: "
                + "call it with addSpecialTokens: false.");
        }
        (_tokenizer, _ensureUsable) = (tokenizer, ensureUsable);
        _around = addSpecialTokens ? tokenizer.Parts.PostProcessor : PostProcessor.None;
        _texts = new(tokenizer.Parts.Model.Vocabulary.InOrder);
        _decoder = new(() => new(tokenizer.Parts, _texts.Value));
    }

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        _ensureUsable();
        return _decoder.Value.Decode(ids);
    }

    /// <inheritdoc/>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        _ensureUsable();
        List<int> listed = [.. ids];
        int known = listed.FindIndex(id => !_decoder.Value.IsKnown(id)) is >= 0 and var wrong ? wrong : listed.Count;
        // The longest beginning that has room; a text never gets shorter by another id, apart from blanks before punctuation.
        int fits = 0, tooMany = known + 1;
        string text = "";
        for (int count = known; fits + 1 < tooMany; count = (fits + tooMany) / 2)
        {
            string decoded = _decoder.Value.Decode(listed.Take(count));
            if (decoded.Length <= destination.Length) (fits, text) = (count, decoded);
            else tooMany = count;
        }
        text.CopyTo(destination);
        (idsConsumed, charsWritten) = (fits, text.Length);
        if (fits < known) return OperationStatus.DestinationTooSmall;
        return known < listed.Count ? OperationStatus.InvalidData : OperationStatus.Done;
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        _ensureUsable();
        var (tokens, consumed) = First(text ?? textSpan.ToString(), Room(settings));
        List<EncodedToken> encoded =
        [
            .. _around.Prefix.Select(id => Encoded(new(id, 0, 0))), .. tokens.Select(Encoded),
            .. _around.Suffix.Select(id => Encoded(new(id, consumed, consumed))),
        ];
        return new() { Tokens = Cut(encoded, settings), CharsConsumed = consumed };
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        _ensureUsable();
        string all = text ?? textSpan.ToString();
        int room = Room(settings), consumed = all.Length;
        IEnumerable<int> ids;
        if (settings.MaxTokenCount == int.MaxValue)
        {
            ids = _tokenizer.EncodeText(all, room);
        }
        else
        {
            (var tokens, consumed) = First(all, room);
            ids = tokens.Select(token => token.Id);
        }
        return new() { Tokens = Cut([.. _around.Prefix, .. ids, .. _around.Suffix], settings), CharsConsumed = consumed };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        _ensureUsable();
        int room = Room(settings), body = room > 0 ? _tokenizer.EncodeText(text ?? textSpan.ToString(), room).Count : 0;
        return Math.Min(_around.Count + body, settings.MaxTokenCount);
    }

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        _ensureUsable();
        (normalizedText, tokenCount) = (null, 0);
        string all = text ?? textSpan.ToString();
        int room = Room(settings), none = fromEnd ? all.Length : 0;
        if (room < 0) return none;
        var (tokens, start, end) = Window(all, room, fromEnd);
        if (start == 0 && end == all.Length && tokens.Count <= room)
        {
            tokenCount = _around.Count + tokens.Count;
            return all.Length - none;
        }
        // The rest of a word that is cut may have more tokens than it has inside the word; then fewer tokens are taken.
        int step = 1;
        for (int taken = Math.Min(room, tokens.Count); taken > 0;)
        {
            int before = fromEnd ? tokens.Count - taken : taken, index = start + (fromEnd ? tokens[before].Start : tokens[before - 1].End);
            if (before > 0 && before < tokens.Count && tokens[before - 1].End > tokens[before].Start)
            {
                taken--;
                continue;
            }
            int count = _tokenizer.EncodeText(fromEnd ? all[index..] : all[..index], room).Count;
            if (count <= room)
            {
                tokenCount = index == none ? 0 : _around.Count + count;
                return index;
            }
            taken = taken == 1 ? 0 : Math.Max(1, taken - step);
            step *= 2;
        }
        return none;
    }

    private static int Checked(int maxTokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTokenCount);
        return maxTokenCount;
    }

    private static List<T> Cut<T>(List<T> tokens, EncodeSettings settings)
        => tokens.Count <= settings.MaxTokenCount ? tokens : tokens[..settings.MaxTokenCount];

    // The number of tokens that a text may have itself; negative if not even the special tokens fit.
    private int Room(EncodeSettings settings) => Checked(settings.MaxTokenCount) - _around.Count;

    private List<AlignedToken> Align(string text) => _tokenizer.Aligner(_texts.Value).Encode(text);

    private EncodedToken Encoded(AlignedToken token)
        => new(token.Id, _tokenizer.Parts.TextOf(token.Id, _texts.Value), token.Start..token.End);

    // The first tokens of a text, and the number of characters up to the end of the last one, or of the text if it has no more tokens.
    private (List<AlignedToken> Tokens, int Consumed) First(string text, int room)
    {
        if (room <= 0) return ([], 0);
        var (tokens, _, end) = Window(text, room, fromEnd: false);
        if (end < text.Length && !tokens.Take(room).Select(token => token.Id).SequenceEqual(_tokenizer.EncodeText(text, room).Take(room)))
            tokens = Align(text);
        return tokens.Count > room ? (tokens[..room], tokens[room - 1].End) : (tokens, text.Length);
    }

    // The tokens of a part of the text at one of its ends: the whole, or one that has more tokens than are needed.
    private (List<AlignedToken> Tokens, int Start, int End) Window(string text, int room, bool fromEnd)
    {
        long needed = (long)room + WindowMargin;
        for (long length = Math.Max(needed, 64) * WindowPerToken; length < text.Length; length *= 2)
        {
            int cut = CutNear(text, fromEnd ? text.Length - (int)length : (int)length, fromEnd);
            var (start, end) = fromEnd ? (cut, text.Length) : (0, cut);
            var tokens = Align(text[start..end]);
            if (tokens.Count > needed) return (tokens, start, end);
        }
        return (Align(text), 0, text.Length);
    }

    // The nearest blank away from the kept side, or else the place itself, moved out of a surrogate pair.
    private static int CutNear(string text, int place, bool backwards)
    {
        const int Near = 256;
        int blank = backwards
            ? text.AsSpan()[Math.Max(0, place - Near)..place].LastIndexOfAny(' ', '\n')
            : text.AsSpan()[place..Math.Min(text.Length, place + Near)].IndexOfAny(' ', '\n');
        if (blank >= 0) return backwards ? Math.Max(0, place - Near) + blank : place + blank;
        return char.IsLowSurrogate(text[place]) ? place - 1 : place;
    }
}
