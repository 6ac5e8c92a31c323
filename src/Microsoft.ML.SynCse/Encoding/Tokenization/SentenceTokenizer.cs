namespace Microsoft.ML.SynCse;

/// <summary>Sentence to token ids, as the model's tokenizer files say. Safe from several threads.</summary>
internal abstract class SentenceTokenizer
{
    /// <summary>The tokenizer's files by name, byte for byte as they were read; they travel with the encoder.</summary>
    public required IReadOnlyDictionary<string, byte[]> Files { get; init; }

    /// <summary>The id that fills short rows.</summary>
    public abstract int PadId { get; }

    /// <summary>The id that stands for a hidden word, or null where there is none.</summary>
    public abstract int? MaskId { get; }

    /// <summary>How many ids there are, added tokens included: one more than the largest.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The ids of a sentence, special tokens in; one padding token where there would be none.</summary>
    /// <param name="sentence">Any text, the empty one included.</param>
    /// <param name="maxTokens">The result is cut at so many ids; the closing special token stays. At least 2.</param>
    /// <param name="truncated">Whether tokens were cut off.</param>
    public abstract int[] Encode(string sentence, int maxTokens, out bool truncated);
}
