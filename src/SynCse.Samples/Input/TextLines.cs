using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.ML.SynCse.Core.Files;

namespace SynCse.Samples;

/// <summary>A file's lines, or those of standard input (<c>-</c>), one at a time; an empty line is a line.</summary>
internal static class TextLines
{
    public static IAsyncEnumerable<string> ReadAsync(string path, Encoding? encoding, CancellationToken cancellationToken)
    {
        if (path == "-") return ReadInputAsync(encoding, cancellationToken);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file '{Path.GetFullPath(path)}'.");
        return ReadFileAsync(path, encoding, cancellationToken);
    }

    private static async IAsyncEnumerable<string> ReadFileAsync(string path, Encoding? encoding,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var file = TextFile.Open(path, encoding);
        while (await file.ReadLineAsync(cancellationToken) is { } line) yield return line;
    }

    private static async IAsyncEnumerable<string> ReadInputAsync(Encoding? encoding,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var input = TextFile.Open(Console.OpenStandardInput(), "standard input", encoding);
        // A read from the console cannot be cancelled: the thread stays in it.
        while (await input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken) is { } line) yield return line;
    }
}
