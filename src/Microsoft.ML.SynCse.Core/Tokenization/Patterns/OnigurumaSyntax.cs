using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Tokenization.Patterns;

/// <summary>
/// Writes a regular expression of Oniguruma (Ruby's syntax) for .NET. What means the same in both stays. The rest is written out or
/// refused, because another meaning would silently give other tokens.
/// </summary>
internal static class OnigurumaSyntax
{
    // Alphabetic characters, marks, decimal digits and connectors; 24B6 to 24E9 are circled letters.
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    private static readonly string[] _categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co",
    ];

    // The long names of some of them.
    private static readonly Dictionary<string, string> _longNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Letter"] = "L",
        ["Uppercase_Letter"] = "Lu",
        ["Lowercase_Letter"] = "Ll",
        ["Mark"] = "M",
        ["Number"] = "N",
        ["Decimal_Number"] = "Nd",
        ["Digit"] = "Nd",
        ["Punctuation"] = "P",
        ["Symbol"] = "S",
        ["Separator"] = "Z",
        ["Other"] = "C",
        ["Cntrl"] = "Cc",
    };

    /// <param name="pattern">The expression.</param>
    /// <param name="complaint">Makes the exception, which names the file and the place.</param>
    public static string Translate(string pattern, Func<string, Exception> complaint)
    {
        if (pattern.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0) throw Refuse("a character beyond the basic plane");
        var result = new StringBuilder(pattern.Length + 16);
        var (inClass, atom) = (false, -1);
        var groups = new PatternGroups();
        for (int at = 0; at < pattern.Length; at++)
        {
            char character = pattern[at];
            if (character == '\\')
            {
                if (!inClass) atom = result.Length;
                result.Append(Escape(ref at, inClass));
            }
            else if (inClass)
            {
                // In .NET a class after a hyphen would be subtracted.
                if (character == '[') throw Refuse("a class inside a class");
                if (character == '&' && Next(at) == '&') throw Refuse("an intersection of classes");
                inClass = character != ']' || pattern[at - 1] == '[' || (pattern[at - 1] == '^' && pattern[at - 2] == '[');
                if (!inClass) groups.EndClass(result);
                else groups.InClass(pattern, at);
                result.Append(character == ']' && inClass ? @"\]" : character.ToString());
            }
            else if (character == '[')
            {
                (inClass, atom) = (true, result.Length);
                result.Append('[');
                if (Next(at) == '^') result.Append(pattern[++at]);
                if (Next(at) == ']') throw Refuse("an empty class");
            }
            else if (character is '*' or '+' or '?')
            {
                result.Append(character);
                // A second + makes the first keep what it took.
                if (Next(at) == '+' && IsQuantified(at)) Possess(ref at);
                else if (Next(at) == '?' && IsQuantified(at)) result.Append(pattern[++at]);
            }
            else if (character == '(' && Next(at) == '?')
            {
                atom = -1;
                Group(ref at);
            }
            else
            {
                if (character is '(' or ')' or '|') atom = -1;
                else if (!IsInBraces(at)) atom = result.Length;
                if (character == '(') groups.Open();
                else if (character == ')') result.Append(groups.Close());
                result.Append(groups.Spell(character));
            }
        }
        return result.Append(groups.Close()).ToString();

        char Next(int at) => at + 1 < pattern.Length ? pattern[at + 1] : '\0';

        bool IsQuantified(int at) => at > 0 && pattern[at - 1] is not ('(' or '|');

        // A number of repetitions, its braces included.
        bool IsInBraces(int at) => pattern[at] == '}' || pattern.LastIndexOf('{', at) > pattern.LastIndexOf('}', at);

        Exception Refuse(string what) => complaint($"has {what}, which is not supported in a regular expression ({pattern})");

        // The atom before it and the quantifier become an atomic group. "atom" is where a single character or class begins.
        void Possess(ref int at)
        {
            if (atom < 0) throw Refuse("a possessive quantifier behind a group");
            result.Insert(atom, "(?>").Append(')');
            atom = -1;
            at++;
        }

        // (?i) and (?i: are .NET's too; Ruby's m is .NET's s. Comments, conditions, calls and absences are refused.
        void Group(ref int at)
        {
            int end = at + 2;
            while (end < pattern.Length && pattern[end] is 'i' or 'm' or 'x' or '-') end++;
            char kind = end < pattern.Length ? pattern[end] : '\0';
            if (kind is ':' or ')' && end >= at + 2)
            {
                result.Append(groups.Set(pattern[at..(end + 1)]).Replace('m', 's'));
                at = end;
                return;
            }
            var kindOfGroup = pattern.AsSpan(at + 2);
            if (kindOfGroup is not (['=', ..] or ['!', ..] or ['>', ..] or ['<', '=', ..] or ['<', '!', ..]))
                throw Refuse($"the group '{pattern.AsSpan(at, Math.Min(4, pattern.Length - at))}'");
            groups.Open();
            int length = kindOfGroup[0] == '<' ? 4 : 3;
            result.Append(pattern, at, length);
            at += length - 1;
        }

        string Escape(ref int at, bool inside)
        {
            if (++at == pattern.Length) throw Refuse("a backslash at its end");
            switch (pattern[at])
            {
                case 'p' or 'P':
                    return Category(ref at, pattern[at]);
                case 'w':
                    return inside ? Word : $"[{Word}]";
                case 'W' when !inside:
                    return $"[^{Word}]";
                case 'h' when !inside:
                    return "[0-9a-fA-F]";
                case 'x' when Next(at) == '{' && pattern.IndexOf('}', at) is > 0 and var close
                        && int.TryParse(pattern.AsSpan(at + 2, close - at - 2), NumberStyles.AllowHexSpecifier,
                            CultureInfo.InvariantCulture, out int value) && value is > 0 and < 0xD800:
                    at = close;
                    return string.Create(CultureInfo.InvariantCulture, $@"\u{value:X4}");
                case 'A' or 'z' or 'Z' or 'b' or 'B' when inside || pattern[at] is 'b' or 'B':
                    throw Refuse($@"\{pattern[at]}");
                case 's' or 'S' or 'd' or 'D' or 'n' or 'r' or 't' or 'f' or 'v' or 'A' or 'z' or 'Z' or 'u' or 'x':
                    return @"\" + pattern[at];
                case var other when !char.IsAsciiLetterOrDigit(other):
                    return @"\" + other;
                default:
                    throw Refuse($@"\{pattern[at]}");
            }
        }

        string Category(ref int at, char letter)
        {
            int close = pattern.IndexOf('}', at);
            if (Next(at) != '{' || close < 0) throw Refuse($@"\{letter} without a name");
            string name = pattern[(at + 2)..close];
            at = close;
            bool negated = name.StartsWith('^') ? letter == 'p' : letter == 'P';
            name = name.TrimStart('^');
            if (!_longNames.TryGetValue(name, out string? category))
                category = _categories.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
            return category is not null ? $@"\{(negated ? 'P' : 'p')}{{{category}}}" : throw Refuse($@"the property '{name}'");
        }
    }
}

/// <summary>
/// The groups of a pattern and the options that are set in them. In Ruby's syntax a(?i)b|c is a(?i:b|c), in .NET it is (?:a(?i)b)|(?i:c).
/// If case does not count, U+017F, the long s, is an s to Oniguruma, but not to .NET. (The Kelvin sign is a k to both. That ß is ss and a
/// final sigma a sigma to Oniguruma is not written out.)
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

    /// <summary>A group or the pattern ends, and with it the options set inside.</summary>
    /// <returns>The text to write before its bracket.</returns>
    public string Close()
    {
        string brackets = new string(')', _unclosed);
        (_ignoresCase, _unclosed) = _outer.TryPop(out var before) ? before : (false, 0);
        return brackets;
    }

    /// <summary>Sets options: (?i) and (?-i) to the end of the group, (?i: and (?-i: for a group that begins.</summary>
    /// <returns>The text to write.</returns>
    public string Set(string options)
    {
        if (options[^1] == ':') Open();
        else _unclosed++;
        int off = options.IndexOf('-');
        string on = off < 0 ? options : options[..off];
        if (on.Contains('i')) _ignoresCase = true;
        if (off >= 0 && options.IndexOf('i', off) >= 0) _ignoresCase = false;
        return $"{options[..^1]}:";
    }

    /// <summary>A character outside a class, as it is written for .NET.</summary>
    public string Spell(char character) => _ignoresCase && IsS(character) ? $"[sS{LongS}]" : character.ToString();

    /// <summary>Takes note of a character of a class; <paramref name="at"/> is its place in the pattern.</summary>
    public void InClass(string pattern, int at)
    {
        if (!_ignoresCase) return;
        if (IsS(pattern[at])) _classHasIt = true;
        // The end of a range that begins with a plain character.
        if (at >= 2 && pattern[at - 1] == '-' && pattern[at - 2] is not '[' and not '\\' and var first)
            _classHasIt |= Holds(first, pattern[at], 's') || Holds(first, pattern[at], 'S');
    }

    /// <summary>A class ends: adds the long s if the class has an s.</summary>
    public void EndClass(StringBuilder expression)
    {
        if (!_classHasIt) return;
        _classHasIt = false;
        // After a hyphen at the end of the class it would be the end of a range.
        int before = expression.Length - 1;
        while (expression[before - 1] == '\\') before--;
        bool isHyphen = expression[^1] == '-' && (expression.Length - 1 - before) % 2 == 0;
        expression.Insert(isHyphen ? expression.Length - 1 : expression.Length, LongS);
    }

    private static bool IsS(char character) => character is 's' or 'S' or '\u017F';

    private static bool Holds(char first, char last, char character) => first <= character && character <= last;
}
