using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>What a <see cref="TextEncoder"/> computes with: a tokenizer, the settings of its folder, and a way from one batch of token ids
/// to vectors.</summary>
/// <remarks>Everything but <see cref="IDisposable.Dispose"/> may be called from several threads at once.</remarks>
internal interface IEncoderModel : IDisposable
{
    /// <summary>Text to token ids.</summary>
    SentenceTokenizer Tokenizer { get; }

    /// <summary>The prompts of the folder.</summary>
    EncoderPrompts Prompts { get; }

    /// <summary>The length of a vector.</summary>
    int Dimensions { get; }

    /// <summary>The number of tokens, special tokens included, at which a sentence is cut.</summary>
    int MaxSequenceLength { get; }

    /// <summary>Whether vectors have length 1.</summary>
    bool Normalize { get; }

    /// <summary>The lengths that vectors may be cut to, in rising order.</summary>
    IReadOnlyList<int> MatryoshkaDimensions { get; }

    /// <summary>How many batches can be computed side by side, each on one core; 1 where one batch uses all cores, or another
    /// device.</summary>
    int Workers { get; }

    /// <summary>Whether one batch alone is computed on all cores. If not, batches side by side are the only way to use them.</summary>
    bool SharesCores { get; }

    /// <summary>Computes one batch.</summary>
    /// <param name="rows">The token ids of each sentence, at least one id in each; the rows may differ in length.</param>
    /// <param name="leftOut">How many tokens at the start of each row do not take part in the pooling.</param>
    /// <returns>One vector of <see cref="Dimensions"/> values for each row, normalised where <see cref="Normalize"/> says so.</returns>
    float[][] Encode(int[][] rows, int leftOut);

    /// <summary>Runs batches side by side on <paramref name="workers"/> threads, as <see cref="WorkerThreads.Run"/> does.</summary>
    void RunBatches(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken);

    /// <summary>Writes every file that identifies the encoder; their hash is its fingerprint.</summary>
    void WriteIdentity(IModelFileSink sink);
}
