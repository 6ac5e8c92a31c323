using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>Text inside YAML and Markdown, whatever is in it.</summary>
internal static class CardEscapes
{
    private const string MarkdownSigns = @"\`*_{}[]<>#|~$&!";

    /// <summary>A YAML scalar in double quotes: without them <c>no</c> is false and <c>1.0</c> a number.</summary>
    public static string Yaml(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in WellFormedText.Of(text))
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>One line of plain text in Markdown, safe in a table's cell too.</summary>
    public static string Markdown(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in WellFormedText.Of(text))
        {
            if (MarkdownSigns.Contains(c)) escaped.Append('\\').Append(c);
            else escaped.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }
        return escaped.ToString();
    }
}
