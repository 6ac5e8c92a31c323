using System.Runtime.CompilerServices;

namespace SynCse.Samples;

/// <summary>A file's lines, or those of standard input (<c>-</c>), one at a time; an empty line is a line.</summary>
internal static class TextLines
{
    public static IAsyncEnumerable<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path == "-") return ReadInputAsync(cancellationToken);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.");
        return File.ReadLinesAsync(path, cancellationToken);
    }

    private static async IAsyncEnumerable<string> ReadInputAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        // A read from the console listens to no token: it is left behind.
        while (await input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is { } line) yield return line;
    }
}
