namespace Microsoft.ML.SynCse.Core.Folders;

/// <summary>The files of one encoder, wherever they lie: a folder, a zip, an ML.NET model.</summary>
internal interface IModelFileSource
{
    /// <summary>Where the files lie, for messages.</summary>
    string Location { get; }

    /// <summary>Calls <paramref name="read"/> with the file's content, from its first byte.</summary>
    /// <param name="name">The path below the encoder's root, with '/' between folders.</param>
    /// <param name="read">Receives a stream that may be forward-only but knows its length, closed after the call. What it made of the content counts only once the call has returned.</param>
    /// <returns>False where there is no such file.</returns>
    /// <exception cref="InvalidDataException">The name leads out of the encoder's root (<see cref="ModelFileName"/>), or the file turns out not to be the one that was saved.</exception>
    bool TryRead(string name, Action<Stream> read);
}
