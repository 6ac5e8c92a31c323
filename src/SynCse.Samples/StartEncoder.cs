using Microsoft.ML.SynCse;

namespace SynCse.Samples;

/// <summary>The encoder that a command line names.</summary>
internal static class StartEncoder
{
    public const string Default = "default";

    /// <summary>Loads a folder or a zip, or the encoder that comes with the library (<c>default</c>).</summary>
    public static SentenceEncoder Load(string name, SentenceEncoderOptions? options = null)
        => name == Default ? SentenceEncoder.LoadDefault(options) : SentenceEncoder.Load(name, options);
}
