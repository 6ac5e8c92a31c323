using System.Collections;
using System.Text.RegularExpressions;

namespace Microsoft.ML.SynCse.Synthesis.Requests;

/// <summary>Takes what looks like a key out of a provider's words, because some repeat the key that was sent.</summary>
internal static partial class SecretMask
{
    private const string Mask = "***";
    private const int ShortestSecret = 8;
    private const int LongestMessage = 500;

    /// <summary>A provider's words, fit for journals, logs and exceptions: on one line, not too long, without keys.</summary>
    public static string Clean(string text)
    {
        if (text.Length > 4 * LongestMessage) text = text[..(4 * LongestMessage)];
        foreach (string secret in KnownSecrets()) text = text.Replace(secret, Mask, StringComparison.Ordinal);
        text = Pattern().Replace(text, Mask);
        text = White().Replace(text, " ").Trim();
        return text.Length <= LongestMessage ? text : text[..LongestMessage] + "...";
    }

    // Read each time: this runs for faults only, and a program may set a variable late.
    private static IEnumerable<string> KnownSecrets()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string { Length: >= ShortestSecret } value } && SecretName().IsMatch(name))
                yield return value;
        }
    }

    // "Bearer x", "api-key: x", "sk-x" and its like, and 24 or more letters and digits in a row with a digit among them: no word and no
    // model's name looks like that.
    [GeneratedRegex(@"(?:Bearer|Basic)\s+\S+"
        + @"|(?:api[-_ ]?key|authorization|token|secret|password)[""']?\s*[:=]\s*[""']?(?:(?:Bearer|Basic)\s+)?[^\s""',}]+"
        + @"|\b(?:sk|pk|rk|key|gsk|hf|xai)[-_][\w\-*.]{6,}"
        + @"|\b(?=[A-Za-z]*[0-9])[A-Za-z0-9+/]{24,}={0,2}",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();

    [GeneratedRegex("KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\s+")]
    private static partial Regex White();
}
