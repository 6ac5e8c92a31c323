using System.Text;

namespace SynCse.Samples;

/// <summary>A short list in a file, one entry a line; empty lines and repeated entries are left out.</summary>
internal static class TextList
{
    /// <summary>Reads it; null for no file.</summary>
    /// <exception cref="InvalidDataException">It is empty.</exception>
    public static async Task<IReadOnlyList<string>?> ReadAsync(string? path, Encoding? encoding, CancellationToken cancellationToken)
    {
        if (path is null) return null;
        var lines = TextLines.ReadAsync(path, encoding, cancellationToken).Select(line => line.Trim()).Where(line => line.Length > 0);
        var entries = await lines.Distinct().ToListAsync(cancellationToken);
        return entries.Count > 0 ? entries : throw new InvalidDataException($"'{path}' is empty; it should have an entry a line.");
    }
}
