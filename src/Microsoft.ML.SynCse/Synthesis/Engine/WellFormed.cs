using System.Text;

namespace Microsoft.ML.SynCse;

/// <summary>Text that UTF-8 can hold: half a surrogate pair becomes U+FFFD, as JSON and SQLite would make it anyway.</summary>
internal static class WellFormed
{
    /// <summary>The text itself, where it is well-formed.</summary>
    public static string Of(string text)
    {
        foreach (char c in text)
        {
            if (char.IsSurrogate(c)) return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }
}
