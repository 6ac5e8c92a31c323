using System.Text;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>
/// Opens texts that users give: UTF-8, what a byte order mark says, or an encoding that is named. Other bytes
/// are an <see cref="InvalidDataException"/> with file and line.
/// </summary>
internal static class TextFile
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding where it has no byte order mark; null: UTF-8.</param>
    public static StreamReader Open(string path, Encoding? encoding = null)
        => Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path, encoding);

    /// <summary>Opens a stream, which is disposed with the reader.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="name">What they are called in an error.</param>
    /// <param name="encoding">Their encoding where they have no byte order mark; null: UTF-8.</param>
    public static StreamReader Open(Stream stream, string name, Encoding? encoding = null)
        => new(new CheckedTextStream(stream, name, encoding), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            detectEncodingFromByteOrderMarks: false);

    /// <summary>A file's lines with their numbers, counted from 1.</summary>
    public static IEnumerable<(long Number, string Line)> Lines(string path, Encoding? encoding = null)
    {
        using var reader = Open(path, encoding);
        for (long number = 1; reader.ReadLine() is { } line; number++) yield return (number, line);
    }
}
