namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>A file could not be replaced or removed because a program has it open; the message says all there is to say.</summary>
internal sealed class HeldFileException(string message, Exception inner) : IOException(message, inner);
