using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;

namespace SynCse.Samples;

/// <summary>The encoding of a command's text files, as an option; without it they are UTF-8, or what a byte order mark says.</summary>
internal static class InputEncoding
{
    public static Option<Encoding?> NewOption() => new("--encoding")
    {
        Description = "The text files' encoding, such as windows-1252 (Excel's plain CSV), shift_jis or utf-16; without it: UTF-8, or "
            + "what a byte order mark says",
        CustomParser = Parse,
    };

    private static Encoding? Parse(ArgumentResult result)
    {
        string name = result.Tokens[0].Value.Trim();
        if (Find(name) is { } encoding) return encoding;
        result.AddError("'--encoding' must name an encoding, such as utf-8, windows-1252, iso-8859-15, ibm850, shift_jis, gb18030 or "
            + $"utf-16; '{name}' is not known.");
        return null;
    }

    private static Encoding? Find(string name)
    {
        // Python's and iconv's names: cp1252, latin-1.
        string digits = name.StartsWith("cp", StringComparison.OrdinalIgnoreCase) ? name[2..].TrimStart('-', '_') : name;
        bool isNumber = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int codePage);
        if (name.Equals("latin-1", StringComparison.OrdinalIgnoreCase)) return Encoding.Latin1;
        try
        {
            return isNumber ? CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage)
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
