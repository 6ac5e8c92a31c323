using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.SynCse;

// How many tokens a text has, and where to cut it.
public abstract partial class TextEncoder
{
    /// <summary>The number of tokens of a text, special tokens included, without a prompt and uncut.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The number; at least 1. If it is more than <see cref="MaxSequenceLength"/>, the encoder cuts the text.</returns>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public int CountTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Use(model => model.Tokenizer.Encode(text, int.MaxValue, out _).Length);
    }

    /// <summary>The encoder's tokenizer for other libraries, such as text chunkers, which then count the encoder's own tokens.</summary>
    /// <param name="addSpecialTokens">
    /// False: the tokens are those of the text alone. True: they are those of <see cref="Tokenize"/>, uncut, with the special tokens around
    /// the text. Default: false.
    /// </param>
    /// <returns>A tokenizer that may be used until the encoder is disposed; later calls throw the encoder's exception.</returns>
    /// <remarks>
    /// <para>The tokenizer may be used from several threads at once. Its offsets and indexes are those of the text as it was given.</para>
    /// <para>Normalizing and cutting into words are part of an encoder, so they are always done: <c>considerNormalization</c> and
    /// <c>considerPreTokenization</c> change nothing, and <c>normalizedText</c> is always null.</para>
    /// <para>Decoding gives a text back as well as the vocabulary allows: what normalizing removed, such as case, is lost.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException"><paramref name="addSpecialTokens"/> is true, and the encoder's tokenizer puts no special
    /// tokens around a text.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    /// <example><code>
    /// Tokenizer tokenizer = encoder.AsTokenizer();
    /// int end = tokenizer.GetIndexByTokenCount(text, maxTokenCount: 200, out _, out int count);
    /// string chunk = text[..end];
    /// </code></example>
    public Tokenizer AsTokenizer(bool addSpecialTokens = false)
        => Use(model => new EncoderTokenizer(model.Tokenizer, addSpecialTokens, EnsureUsable));
}
