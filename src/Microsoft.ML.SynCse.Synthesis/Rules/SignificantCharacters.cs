using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Synthesis.Rules;

/// <summary>Reads a text's characters that bear meaning, one by one, letters in upper case.</summary>
/// <remarks>
/// White space and punctuation count only in numbers: "1.5" is not "15", "10 5" not "105", "-5" not "5". Symbols count always: "C++" is not
/// "C", "5 %" not "5". Articles that may be left out are the English ones: in German they alone can swap subject and object ("Den Hund
/// beißt der Mann"), in French they are also pronouns.
/// </remarks>
internal ref struct SignificantCharacters(ReadOnlySpan<char> text, bool ignoreArticles)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _at;
    private bool _afterDigit;

    /// <summary>The next character as a code point; -1 at the end.</summary>
    public int Next()
    {
        while (true)
        {
            int start = _at;
            char mark = ' ';
            for (; _at < _text.Length && IsFiller(_text[_at]); _at++)
                if (mark == ' ' && !char.IsWhiteSpace(_text[_at])) mark = _text[_at];
            if (_at >= _text.Length) return -1;

            char c = _text[_at];
            bool digit = char.IsAsciiDigit(c);
            if (_at > start && digit && _afterDigit)
            {
                _afterDigit = false;
                return mark;
            }

            if (_at > start && digit && _text[_at - 1] == '-' && (_at - 1 == 0 || _at - 1 > start) && !_afterDigit)
            {
                // The minus has been read; the digit comes with it.
                return MinusOnce(c);
            }

            if (ignoreArticles && (_at > start || _at == 0) && ArticleLength(_text[_at..]) is > 0 and int length)
            {
                _at += length;
                _afterDigit = false;
                continue;
            }

            _afterDigit = digit;
            return Take(c);
        }
    }

    // A negative number in one code point beyond Unicode: no state is needed to remember the sign.
    private int MinusOnce(char digit)
    {
        _at++;
        _afterDigit = true;
        return 0x200000 + digit;
    }

    private int Take(char c)
    {
        if (char.IsAscii(c))
        {
            _at++;
            return char.ToUpperInvariant(c);
        }

        if (c is >= '\uFF01' and <= '\uFF5E')
        {
            // The wide forms of ASCII, as Japanese keyboards write them.
            _at++;
            return char.ToUpperInvariant((char)(c - 0xFEE0));
        }

        if (Rune.DecodeFromUtf16(_text[_at..], out var rune, out int used) == System.Buffers.OperationStatus.Done)
        {
            _at += used;
            return Rune.ToUpperInvariant(rune).Value;
        }

        _at++;
        return c; // half a pair stands for itself
    }

    private static int ArticleLength(ReadOnlySpan<char> rest)
    {
        if ((rest[0] | 0x20) is not ('a' or 't')) return 0;
        int length = rest.Length > 3 && rest[..3].Equals("the", StringComparison.OrdinalIgnoreCase) ? 3 : rest.Length > 2
            && (rest[0] | 0x20) == 'a' && (rest[1] | 0x20) == 'n' ? 2 : (rest[0] | 0x20) == 'a' ? 1 : 0;
        return length > 0 && length < rest.Length && char.IsWhiteSpace(rest[length]) ? length : 0;
    }

    private static bool IsFiller(char c)
    {
        if (char.IsAscii(c))
        {
            return !char.IsAsciiLetterOrDigit(c)
                && c is not ('%' or '#' or '@' or '&' or '+' or '<' or '=' or '>' or '|' or '~' or '$' or '^');
        }
        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control
                or UnicodeCategory.Format => true,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation => true,
            UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => true,
            UnicodeCategory.OtherPunctuation => c is not ('‰' or '§' or '％' or '＃' or '＠' or '＆'),
            // Blank Braille and the selectors of a character's shape.
            _ => c is '´' or '\u2800' or '\u034F' or (>= '\uFE00' and <= '\uFE0F') or '\u3164' or '\uFFA0',
        };
    }
}
