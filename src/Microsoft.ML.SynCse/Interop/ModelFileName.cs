namespace Microsoft.ML.SynCse;

/// <summary>The names by which a model's files may name one another: below the model's own root, with '/' between folders.</summary>
internal static class ModelFileName
{
    private const int Longest = 1000, LongestShown = 80;

    /// <summary>Whether the name stays below the root on every system: neither absolute nor with "..", no drive, no other slash, and one name for one file.</summary>
    public static bool IsInside(string name)
        => name.Length is > 0 and <= Longest && name.AsSpan().IndexOfAny('\\', ':', '\0') < 0 && name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));

    /// <summary>Throws where the name leads out of the root.</summary>
    /// <exception cref="InvalidDataException">It does; names it and the root.</exception>
    public static void Check(string name, string location)
    {
        if (!IsInside(name)) throw new InvalidDataException($"The model names a file '{Shown(name)}' outside the folder '{location}'; a model's files must lie inside it.");
    }

    /// <summary>The name for a message: a hostile one may be long.</summary>
    public static string Shown(string name) => name.Length <= LongestShown ? name : name[..LongestShown] + "...";
}
