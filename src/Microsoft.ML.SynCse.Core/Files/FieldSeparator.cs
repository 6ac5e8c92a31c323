namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>What stands between the fields of a .csv file: commas, or what Excel writes where the comma is the decimal sign.</summary>
internal static class FieldSeparator
{
    // In the order of trust: a comma that fits is taken, whatever else would.
    private static readonly char[] Known = [',', ';', '\t', '|'];

    /// <summary>The separator that a first line such as <c>sep=;</c> names, as Excel reads it; null: the line is none.</summary>
    public static char? Named(string? line)
    {
        // A program that quotes every field quotes this one too.
        var words = line is ['"', .. var inside, '"'] ? inside : line;
        return words is { Length: 5 } && words.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? words[4] : null;
    }

    /// <summary>The first separator that gives every row the same number of fields, two or more; a comma where none does.</summary>
    /// <param name="fields">The numbers of fields of the first rows with a separator.</param>
    public static char Find(Func<char, IReadOnlyList<int>> fields)
    {
        foreach (char separator in Known)
        {
            if (Fits(fields, separator)) return separator;
        }
        return ',';
    }

    /// <summary>The separator in a sentence.</summary>
    public static string Words(char separator) => separator switch
    {
        ',' => "commas",
        ';' => "semicolons",
        '\t' => "tabs",
        '|' => "vertical bars",
        var other => $"'{other}'",
    };

    private static bool Fits(Func<char, IReadOnlyList<int>> fields, char separator)
    {
        try
        {
            var counts = fields(separator);
            return counts is [>= 2, ..] && counts.All(count => count == counts[0]);
        }
        catch (InvalidDataException)
        {
            // Quotes are read otherwise with another separator; with the right one they are read again, and an error then stands. Wrong
            // bytes are wrong with each.
            return false;
        }
    }
}
