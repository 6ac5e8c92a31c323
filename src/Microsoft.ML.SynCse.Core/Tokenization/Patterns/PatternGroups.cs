using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Patterns;

/// <summary>
/// The groups of a pattern and what is set in them. In Ruby's syntax a(?i)b|c is a(?i:b|c), in .NET it is (?:a(?i)b)|(?i:c). And where
/// case does not count there is a letter that .NET does not know: U+017F, the long s, is an s to Oniguruma. (The Kelvin sign
/// is a k to both. That ß is ss to Oniguruma and a final sigma a sigma is not written out.)
/// </summary>
internal sealed class PatternGroups
{
    private const string LongS = @"\u017F";

    private readonly Stack<(bool IgnoresCase, int Unclosed)> _outer = new();
    private bool _ignoresCase, _classHasIt;
    private int _unclosed;

    /// <summary>A group begins.</summary>
    public void Open()
    {
        _outer.Push((_ignoresCase, _unclosed));
        _unclosed = 0;
    }

    /// <summary>A group ends, or the pattern, and with it what was set inside: what is to be written before its bracket.</summary>
    public string Close()
    {
        var brackets = new string(')', _unclosed);
        (_ignoresCase, _unclosed) = _outer.TryPop(out var before) ? before : (false, 0);
        return brackets;
    }

    /// <summary>(?i), (?-i), which hold to the end of the group, or (?i: and (?-i:, which begin one: what is to be written.</summary>
    public string Set(string options)
    {
        if (options[^1] == ':') Open();
        else _unclosed++;
        var off = options.IndexOf('-');
        var on = off < 0 ? options : options[..off];
        if (on.Contains('i')) _ignoresCase = true;
        if (off >= 0 && options.IndexOf('i', off) >= 0) _ignoresCase = false;
        return $"{options[..^1]}:";
    }

    /// <summary>A character outside a class, as .NET is to be told.</summary>
    public string Spell(char character) => _ignoresCase && IsS(character) ? $"[sS{LongS}]" : character.ToString();

    /// <summary>A character of a class; at is its place in the pattern.</summary>
    public void InClass(string pattern, int at)
    {
        if (!_ignoresCase) return;
        if (IsS(pattern[at])) _classHasIt = true;
        // The end of a range whose beginning is a character as it stands.
        if (at >= 2 && pattern[at - 1] == '-' && pattern[at - 2] is not '[' and not '\\' and var first)
            _classHasIt |= Holds(first, pattern[at], 's') || Holds(first, pattern[at], 'S');
    }

    /// <summary>A class ends: adds to it what it lacks.</summary>
    public void EndClass(StringBuilder expression)
    {
        if (!_classHasIt) return;
        _classHasIt = false;
        // Behind a hyphen at the end it would be the end of a range.
        var before = expression.Length - 1;
        while (expression[before - 1] == '\\') before--;
        var isHyphen = expression[^1] == '-' && (expression.Length - 1 - before) % 2 == 0;
        expression.Insert(isHyphen ? expression.Length - 1 : expression.Length, LongS);
    }

    private static bool IsS(char character) => character is 's' or 'S' or '\u017F';

    private static bool Holds(char first, char last, char character) => first <= character && character <= last;
}
