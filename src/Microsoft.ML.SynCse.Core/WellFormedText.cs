using System.Text;

namespace Microsoft.ML.SynCse.Core;

/// <summary>Text without halves of surrogate pairs: a .NET string may hold them; what other tokenizers see, JSON and SQLite
/// cannot.</summary>
internal static class WellFormedText
{
    /// <summary>The text with U+FFFD for each lone surrogate; the same string if there is none.</summary>
    public static string Of(string text)
        => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
