namespace SynCse.Samples;

/// <summary>Finds the columns of a file by name.</summary>
internal static class ColumnChoice
{
    /// <summary>The place of the first known name among the header's fields, or null.</summary>
    public static int? Find(IReadOnlyList<string> header, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            for (int i = 0; i < header.Count; i++)
                if (string.Equals(header[i].Trim(), name, StringComparison.OrdinalIgnoreCase)) return i;
        }
        return null;
    }

    /// <summary>The place of a column that the user named.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static int Require(DelimitedFile file, string name)
        => Find(file.FirstRow, name) ?? throw new InvalidDataException($"'{file.FilePath}' has no column '{name}'. Its first row is: {file.FirstRowWords}.");
}
