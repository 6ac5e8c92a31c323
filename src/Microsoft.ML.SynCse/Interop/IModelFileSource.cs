namespace Microsoft.ML.SynCse;

/// <summary>The files of one encoder, wherever they lie: a folder, a zip, an ML.NET model.</summary>
internal interface IModelFileSource
{
    /// <summary>Where the files lie, for messages.</summary>
    string Location { get; }

    /// <summary>Calls <paramref name="read"/> with the file's content, from its first byte.</summary>
    /// <param name="name">The path below the encoder's root, with '/' between folders.</param>
    /// <param name="read">Receives a forward-only stream, closed after the call.</param>
    /// <returns>False where there is no such file.</returns>
    bool TryRead(string name, Action<Stream> read);
}
