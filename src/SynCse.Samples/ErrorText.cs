using System.Runtime.InteropServices;
using Microsoft.Extensions.VectorData;

namespace SynCse.Samples;

/// <summary>Which errors are shown in one line, and how. Anything else is a fault of the program and ends it with its stack
/// trace.</summary>
internal static class ErrorText
{
    public static bool IsExpected(Exception error)
        => error is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or InvalidOperationException
            or NotSupportedException or FormatException or ExternalException or VectorStoreException;

    /// <summary>The message on one line, without what .NET adds for programmers.</summary>
    public static string OneLine(Exception error)
    {
        if (FileSizeLimitSignal.IsMetBy(error))
            return "A file, or standard output's, cannot grow: the process's limit of file sizes is reached (ulimit -f). Raise the limit.";
        string text = error.Message;
        if (error is ArgumentException { ParamName: { } name })
        {
            int end = text.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal);
            if (end >= 0) text = text[..end];
        }
        return OneLine(text);
    }

    /// <summary>A text without its line breaks.</summary>
    public static string OneLine(string text)
        => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
