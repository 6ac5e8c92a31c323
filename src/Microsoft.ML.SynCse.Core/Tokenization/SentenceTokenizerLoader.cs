using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>Makes the tokenizer that an encoder's files describe.</summary>
internal static class SentenceTokenizerLoader
{
    /// <summary>Reads tokenizer.json where there is one, else the one that the older files of the model's kind amount to.</summary>
    /// <param name="source">Where the encoder's files lie.</param>
    /// <param name="hints">What the encoder's other files say about it.</param>
    /// <exception cref="InvalidDataException">A file is missing, damaged, or asks for what is not supported; the message names it.</exception>
    public static SentenceTokenizer Load(IModelFileSource source, TokenizerHints hints)
    {
        var files = TokenizerFileSet.Read(source);
        if (!files.Has(TokenizerFileSet.TokenizerJson))
            files = files.With(KeyValuePair.Create(TokenizerFileSet.TokenizerJson, OlderTokenizerFormats.WriteTokenizerJson(files, hints)));
        return new PipelineTokenizer(files, hints);
    }
}
