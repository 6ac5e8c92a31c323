using System.Globalization;
using System.Text;
using Microsoft.ML.SynCse.Core.Tokenization.Formats;
using Microsoft.ML.SynCse.Core.Tokenization.Models;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>Turns ids into text, as well as the tokens' texts allow: what normalizing removed is lost.</summary>
/// <remarks>Special tokens around a sentence and padding stand for no text and are left out. Safe from several threads.</remarks>
internal sealed class TokenDecoder
{
    // BERT cuts at punctuation, and its tokens do not say whether a blank was there. In most texts there was none at these places.
    private static readonly (string With, string Without)[] _cleanups =
        [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" :", ":"), (" ;", ";"), (" )", ")"), ("( ", "("), (" ' ", "'")];

    private readonly string[] _texts;
    private readonly Dictionary<int, string> _added;
    private readonly HashSet<int> _leftOut;
    private readonly string _prefix, _suffix;
    private readonly bool _spellsBytes, _beginsWithBlank, _joinsWords, _cleansUp;
    private readonly string? _blank;

    /// <param name="parts">The tokenizer.</param>
    /// <param name="texts">The texts of the model's tokens by their ids; "" for an id without a token.</param>
    public TokenDecoder(TokenizerParts parts, string[] texts)
    {
        _texts = texts;
        _added = [];
        // a vocabulary with gaps can give two the same id
        foreach (var token in parts.AddedTokens) _added.TryAdd(token.Id, token.Content);
        _leftOut = [.. parts.PostProcessor.Prefix, .. parts.PostProcessor.Suffix];
        if (!TokenizerJsonFormat.PadsWithWord(parts, texts)) _leftOut.Add(parts.PadId);
        (_prefix, _suffix) = (parts.Model.ContinuingPrefix, parts.Model.EndOfWordSuffix);
        var normalizers = parts.Normalizer is SequenceNormalizer several ? several.Parts : parts.Normalizer is { } one ? [one] : [];
        var preTokenizers = parts.PreTokenizer is SequencePreTokenizer steps ? steps.Parts : parts.PreTokenizer is { } step ? [step] : [];
        var byteLevel = preTokenizers.OfType<ByteLevelPreTokenizer>().FirstOrDefault();
        var metaspace = preTokenizers.OfType<MetaspacePreTokenizer>().FirstOrDefault();
        _spellsBytes = byteLevel is not null || normalizers.OfType<ByteLevelNormalizer>().Any();
        _blank = metaspace?.Replacement
            ?? normalizers.OfType<ReplaceNormalizer>().FirstOrDefault(replace => replace.Pattern.IsString(" "))?.Content;
        _beginsWithBlank = byteLevel is { AddPrefixSpace: true } || metaspace is { Scheme: not MetaspacePreTokenizer.PrependScheme.Never }
            || normalizers.OfType<PrependNormalizer>().Any();
        _joinsWords = _prefix.Length > 0 || parts.Model is WordLevelModel;
        _cleansUp = parts.Model is WordPieceModel;
    }

    /// <summary>The text of ids.</summary>
    /// <exception cref="InvalidOperationException">An id is none of the tokenizer's.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        var (text, bytes) = (new StringBuilder(), new List<byte>());
        foreach (int id in ids)
        {
            if (_leftOut.Contains(id)) continue;
            if (_added.TryGetValue(id, out string? content)) Append(content, text, bytes);
            else if (IsToken(id)) AppendToken(_texts[id], text, bytes);
            else throw NoToken(id);
        }
        Flush(text, bytes);
        if (_suffix.Length > 0 && text.Length > 0 && text[^1] == ' ') text.Length--;
        if (_cleansUp)
            foreach (var (with, without) in _cleanups) text.Replace(with, without);
        int start = _beginsWithBlank && text.Length > 0 && text[0] == ' ' ? 1 : 0;
        return text.ToString(start, text.Length - start);
    }

    /// <summary>Whether a token has the id.</summary>
    public bool IsKnown(int id) => IsToken(id) || _added.ContainsKey(id) || _leftOut.Contains(id);

    /// <summary>Reads a token that stands for one byte, such as <c>&lt;0x0A&gt;</c>.</summary>
    public static bool TryReadByte(string token, out byte value)
    {
        value = 0;
        return token is ['<', '0', 'x', _, _, '>']
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static InvalidOperationException NoToken(int id)
        => new(string.Create(CultureInfo.InvariantCulture, $"The tokenizer has no token with the id {id}."));

    private bool IsToken(int id) => (uint)id < (uint)_texts.Length && _texts[id].Length > 0;

    private void AppendToken(string token, StringBuilder text, List<byte> bytes)
    {
        if (_spellsBytes)
        {
            foreach (char character in token)
            {
                if (ByteLevelAlphabet.TryRead(character, out byte spelled)) bytes.Add(spelled);
                else Append(character.ToString(), text, bytes);
            }
        }
        else if (TryReadByte(token, out byte value))
        {
            bytes.Add(value);
        }
        else
        {
            bool continues = _prefix.Length > 0 && token.StartsWith(_prefix, StringComparison.Ordinal);
            bool ends = _suffix.Length > 0 && token.EndsWith(_suffix, StringComparison.Ordinal);
            string own = token[(continues ? _prefix.Length : 0)..(ends ? token.Length - _suffix.Length : token.Length)];
            if (_blank is not null) own = own.Replace(_blank, " ", StringComparison.Ordinal);
            Flush(text, bytes);
            if (_joinsWords && !continues && text.Length > 0) text.Append(' ');
            text.Append(own);
            if (ends) text.Append(' ');
        }
    }

    private void Append(string content, StringBuilder text, List<byte> bytes)
    {
        Flush(text, bytes);
        if (_joinsWords && text.Length > 0) text.Append(' ');
        text.Append(content);
    }

    private static void Flush(StringBuilder text, List<byte> bytes)
    {
        if (bytes.Count == 0) return;
        text.Append(Encoding.UTF8.GetString([.. bytes]));
        bytes.Clear();
    }
}
