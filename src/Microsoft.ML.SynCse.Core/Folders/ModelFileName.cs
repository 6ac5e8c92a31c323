using System.Buffers;

namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The names by which a model's files may name one another: below the model's own root, with '/' between folders.</summary>
internal static class ModelFileName
{
    private const int Longest = 1000, LongestShown = 80;

    // Windows keeps these for devices, in every folder and whatever ending they have.
    private static readonly string[] Devices =
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })];

    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(c => (char)c), '\\', ':', '<', '>', '"', '|', '?', '*']);

    /// <summary>Whether the name stays below the root on every system: neither absolute nor with "..", no drive, no other slash, no device
    /// of Windows, and one name for one file.</summary>
    public static bool IsInside(string name)
        => name.Length is > 0 and <= Longest && name.AsSpan().IndexOfAny(Forbidden) < 0 && name.Split('/').All(IsName);

    /// <summary>Throws where the name leads out of the root.</summary>
    /// <exception cref="InvalidDataException">It does; names it and the root.</exception>
    public static void Check(string name, string location)
    {
        if (!IsInside(name)) throw new InvalidDataException($"The model names a file '{Shown(name)}' outside the folder '{location}'; a model's files must lie inside it.");
    }

    // Windows drops dots and blanks at a name's end, so that two names would be one file.
    private static bool IsName(string part)
        => part.Length > 0 && part[^1] is not ('.' or ' ')
            && !Devices.Contains(part.Split('.')[0].TrimEnd(' '), StringComparer.OrdinalIgnoreCase);

    /// <summary>The name for a message: a hostile one may be long.</summary>
    public static string Shown(string name) => name.Length <= LongestShown ? name : name[..LongestShown] + "...";
}
