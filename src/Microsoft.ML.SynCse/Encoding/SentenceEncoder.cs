using Microsoft.Extensions.AI;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Sentences to vectors: a pretrained or tuned transformer encoder with its tokenizer, pooling, head and normalisation.</summary>
public sealed class SentenceEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Reads an encoder.</summary>
    public static SentenceEncoder Load(string path, SentenceEncoderOptions? options = null) => throw new NotImplementedException();

    /// <summary>The embedded default.</summary>
    public static SentenceEncoder LoadDefault(SentenceEncoderOptions? options = null) => throw new NotImplementedException();

    /// <summary>Reads an encoder from any place its files lie; <paramref name="device"/> is where its weights go.</summary>
    internal static SentenceEncoder Load(IModelFileSource source, SentenceEncoderOptions? options, torch.Device device) => throw new NotImplementedException();

    /// <summary>Writes every file that <see cref="Load(IModelFileSource, SentenceEncoderOptions?, torch.Device)"/> reads: the sentence-transformers layout.</summary>
    internal void Save(IModelFileSink sink) => throw new NotImplementedException();

    /// <summary>The length of a vector.</summary>
    public int Dimensions => throw new NotImplementedException();

    /// <summary>Tokens at which a sentence is cut.</summary>
    public int MaxSequenceLength => throw new NotImplementedException();

    /// <summary>The pooling.</summary>
    public Pooling Pooling => throw new NotImplementedException();

    /// <summary>Whether vectors have length 1.</summary>
    public bool Normalized => throw new NotImplementedException();

    /// <summary>Ids.</summary>
    public IReadOnlyList<int> Tokenize(string sentence) => throw new NotImplementedException();

    /// <summary>Encodes.</summary>
    public float[][] Encode(IReadOnlyList<string> sentences, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null, CancellationToken cancellationToken = default)
        => throw new NotImplementedException();

    /// <summary>Encodes a stream.</summary>
    public IAsyncEnumerable<float[]> EncodeAsync(IAsyncEnumerable<string> sentences, EncodingOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        => throw new NotImplementedException();

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
