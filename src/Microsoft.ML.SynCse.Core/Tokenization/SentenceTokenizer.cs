namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>Sentence to token ids, as the model's tokenizer files say. Safe from several threads.</summary>
internal abstract class SentenceTokenizer
{
    /// <summary>The id that fills short rows.</summary>
    public abstract int PadId { get; }

    /// <summary>The id that stands for a hidden word, or null where there is none.</summary>
    public abstract int? MaskId { get; }

    /// <summary>One more than the largest id that may come of a text: of the vocabulary, the added tokens, what is put around a sentence, the padding.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The files by name that the tokenizer is saved as: those it was read from, and what other readers look for
    /// beside them.</summary>
    /// <param name="maxTokens">The number of tokens at which the encoder cuts a sentence; for a tokenizer_config.json that is not there yet.</param>
    public abstract IReadOnlyDictionary<string, byte[]> FilesToSave(int maxTokens);

    /// <summary>The same before anything was changed for other readers, byte for byte: what tells the tokenizer from others.</summary>
    /// <param name="maxTokens">As for <see cref="FilesToSave"/>.</param>
    public abstract IReadOnlyDictionary<string, byte[]> FilesOfSource(int maxTokens);

    /// <summary>How many tokens are put around a sentence.</summary>
    public abstract int SpecialTokenCount { get; }

    /// <summary>The ids of a sentence, special tokens in; one padding token where there would be none.</summary>
    /// <param name="sentence">Any text, the empty one included.</param>
    /// <param name="maxTokens">The result is cut at so many ids; the closing special token stays. At least 2.</param>
    /// <param name="truncated">Whether tokens were cut off.</param>
    public abstract int[] Encode(string sentence, int maxTokens, out bool truncated);
}
