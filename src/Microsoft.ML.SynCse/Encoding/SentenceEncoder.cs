using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Sentences to vectors: a pretrained or tuned transformer encoder with its tokenizer, pooling, head and normalisation.</summary>
/// <remarks>
/// Every member may be called from several threads at once; they share the weights and the machine's cores, so one caller with many sentences is faster than
/// many callers with one. <see cref="Dispose"/> waits for calls that are running; later calls throw <see cref="ObjectDisposedException"/>.
/// The vector of a sentence does not depend on the sentences encoded with it beyond rounding (1e-5).
/// </remarks>
public sealed class SentenceEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ReaderWriterLockSlim _use = new(LockRecursionPolicy.SupportsRecursion);
    private readonly Lazy<string> _fingerprint;
    private EncoderModel? _model;
    private long _encodedSentences;

    internal SentenceEncoder(EncoderModel model, SentenceEncoderOptions options)
    {
        // What tells one encoder from another, for caches of what it gave; a tenth of a second for a small one, so only where somebody asks.
        _fingerprint = new(() =>
        {
            var sink = new FingerprintSink();
            Save(sink);
            return sink.Fingerprint;
        });
        (_model, Options) = (model, options);
        (Dimensions, MaxSequenceLength, Pooling, Normalized) = (model.Dimensions, model.MaxSequenceLength, model.Pooling, model.Normalize);
    }

    /// <summary>The length of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>The number of tokens, special tokens included, at which a sentence is cut.</summary>
    public int MaxSequenceLength { get; }

    /// <summary>How token vectors become one vector.</summary>
    public Pooling Pooling { get; }

    /// <summary>Whether vectors have length 1.</summary>
    public bool Normalized { get; }

    /// <summary>What the encoder was loaded with.</summary>
    internal SentenceEncoderOptions Options { get; }

    /// <summary>How many sentences were encoded so far; tests ask it.</summary>
    internal long EncodedSentences => Interlocked.Read(ref _encodedSentences);

    /// <summary>Reads an encoder from a folder (Hugging Face, sentence-transformers) or from the zip of a saved model that holds exactly one.</summary>
    /// <param name="path">The folder, with config.json, model.safetensors and the tokenizer's files; or the zip.</param>
    /// <param name="options">Where to differ from what the folder says. Default: nowhere.</param>
    /// <returns>The encoder; it belongs to the caller.</returns>
    /// <exception cref="DirectoryNotFoundException">There is nothing at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">The files are not a supported encoder; names file and reason.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">No native torch library loads, or the device is not there.</exception>
    public static SentenceEncoder Load(string path, SentenceEncoderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new();
        var device = TorchRuntime.PickDevice(options.Device);
        if (Directory.Exists(path)) return Load(new FolderFileSource(path), options, device);
        if (!File.Exists(path)) throw new DirectoryNotFoundException($"There is no folder or zip '{Path.GetFullPath(path)}'.");
        using var zip = OpenZip(path);
        return Load(ZipFileSource.Find(zip, Path.GetFullPath(path)), options, device);
    }

    /// <summary>Reads the encoder that comes with the package: English, 256 dimensions, mean pooling, normalised.</summary>
    /// <param name="options">Where to differ from what it says. Default: nowhere.</param>
    /// <returns>A new encoder at each call; it belongs to the caller.</returns>
    /// <exception cref="InvalidOperationException">No native torch library loads, or the device is not there.</exception>
    public static SentenceEncoder LoadDefault(SentenceEncoderOptions? options = null)
    {
        options ??= new();
        var device = TorchRuntime.PickDevice(options.Device);
        return Load(new EmbeddedFileSource("DefaultEncoder"), options, device);
    }

    /// <summary>Reads an encoder from any place its files lie; <paramref name="device"/> is where its weights go.</summary>
    internal static SentenceEncoder Load(IModelFileSource source, SentenceEncoderOptions? options, torch.Device device)
    {
        options ??= new();
        Validate(options);
        return new(EncoderModelFiles.Read(source, options, device), options);
    }

    /// <summary>The token ids of a sentence, special tokens in, cut at <see cref="MaxSequenceLength"/>.</summary>
    /// <param name="sentence">Any text.</param>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IReadOnlyList<int> Tokenize(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        return Use(model => model.Tokenizer.Encode(sentence, MaxSequenceLength, out _));
    }

    /// <summary>The vectors of sentences, in their order.</summary>
    /// <param name="sentences">Any texts, empty ones included.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Asked before every batch.</param>
    /// <returns>One vector of <see cref="Dimensions"/> values for each sentence.</returns>
    /// <exception cref="ArgumentException">A sentence is null; names its index.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public float[][] Encode(IReadOnlyList<string> sentences, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        options ??= new();
        options.Validate();
        for (int i = 0; i < sentences.Count; i++)
            if (sentences[i] is null) throw new ArgumentException($"sentences[{i}] is null.", nameof(sentences));
        return Use(model =>
        {
            var vectors = new List<float[]>(sentences.Count);
            long done = 0, tokens = 0;
            for (int start = 0; start < sentences.Count; start += options.WindowSize)
            {
                var ids = BatchEncoder.Tokenize(model, sentences, start, Math.Min(options.WindowSize, sentences.Count - start), cancellationToken);
                vectors.AddRange(BatchEncoder.Encode(model, ids, Options.MaxTokensPerBatch, (n, t) => progress?.Report(new(done += n, sentences.Count, tokens += t)), cancellationToken));
            }
            Interlocked.Add(ref _encodedSentences, sentences.Count);
            return vectors.ToArray();
        });
    }

    /// <summary>The vectors of a stream of sentences, in its order; holds <see cref="EncodingOptions.WindowSize"/> sentences at a time.</summary>
    /// <param name="sentences">Any texts, empty ones included.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="cancellationToken">Asked before every batch.</param>
    /// <returns>One vector of <see cref="Dimensions"/> values for each sentence. The computation runs on the thread pool.</returns>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IAsyncEnumerable<float[]> EncodeAsync(IAsyncEnumerable<string> sentences, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        options ??= new();
        options.Validate();
        return EncodeWindows(sentences, options, cancellationToken);
    }

    /// <summary>Writes the encoder as a sentence-transformers folder with float32 weights: beside the target first, then renamed.</summary>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <exception cref="IOException">The folder has content or could not be written; nothing is left behind.</exception>
    /// <exception cref="NotSupportedException">The layout has no name for the encoder's pooling.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!EncoderModelFiles.IsPortable(Pooling)) throw new NotSupportedException($"Pooling {Pooling} has no name in the sentence-transformers layout; {Pooling.Cls}, {Pooling.Mean} and {Pooling.Max} have.");
        Use(model =>
        {
            AtomicFolder.Write(folder, sink => EncoderModelFiles.Write(model, sink));
            return true;
        });
    }

    /// <summary>Writes every file that <see cref="Load(IModelFileSource, SentenceEncoderOptions?, torch.Device)"/> reads.</summary>
    internal void Save(IModelFileSink sink) => Use(model =>
    {
        EncoderModelFiles.Write(model, sink);
        return true;
    });

    /// <summary>An encoder with weights of its own.</summary>
    internal SentenceEncoder Copy() => Use(model =>
    {
        var copy = model.Clone(model.Device, model.Pooling);
        copy.Freeze();
        return new SentenceEncoder(copy, Options);
    });

    /// <summary>Throws where the encoder was disposed.</summary>
    internal void EnsureUsable() => Use(static _ => true);

    /// <summary>Runs something on the model; <see cref="Dispose"/> waits for it.</summary>
    internal T Use<T>(Func<EncoderModel, T> action)
    {
        _use.EnterReadLock();
        try
        {
            return action(_model ?? throw new ObjectDisposedException(nameof(SentenceEncoder)));
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Dimensions is { } dimensions && dimensions != Dimensions)
            throw new NotSupportedException($"EmbeddingGenerationOptions.Dimensions is {dimensions}; this encoder makes {Dimensions}.");
        var sentences = values as IReadOnlyList<string> ?? [.. values];
        long tokens = 0;
        var vectors = await Task.Run(() => Encode(sentences, progress: new Latest(p => tokens = p.Tokens), cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
        return new(vectors.Select(v => new Embedding<float>(v))) { Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens } };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata)) return new EmbeddingGeneratorMetadata("Microsoft.ML.SynCse", defaultModelId: _fingerprint.Value, defaultModelDimensions: Dimensions);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees the weights once running calls have ended.</summary>
    /// <exception cref="LockRecursionException">Called from within a call of this encoder, for example from its progress.</exception>
    public void Dispose()
    {
        _use.EnterWriteLock();
        try
        {
            _model?.Dispose();
            _model = null;
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    private async IAsyncEnumerable<float[]> EncodeWindows(IAsyncEnumerable<string> sentences, EncodingOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new List<string>(Math.Min(options.WindowSize, 4096));
        long read = 0;
        Task<float[][]> EncodeWindow() => Task.Run(() => Encode(window, options, null, cancellationToken), cancellationToken);
        await foreach (var sentence in sentences.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            window.Add(sentence ?? throw new ArgumentException($"Sentence {read} of the stream is null.", nameof(sentences)));
            read++;
            if (window.Count < options.WindowSize) continue;
            foreach (var vector in await EncodeWindow().ConfigureAwait(false)) yield return vector;
            window.Clear();
        }
        if (window.Count == 0) yield break;
        foreach (var vector in await EncodeWindow().ConfigureAwait(false)) yield return vector;
    }

    private static ZipArchive OpenZip(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{Path.GetFullPath(path)}' is neither a model's folder nor a readable zip: {error.Message}", error);
        }
    }

    private static void Validate(SentenceEncoderOptions options)
    {
        if (options.MaxTokensPerBatch < 1) throw new ArgumentOutOfRangeException(nameof(options), options.MaxTokensPerBatch, "SentenceEncoderOptions.MaxTokensPerBatch must be at least 1.");
        if (options.Pooling is { } pooling && !Enum.IsDefined(pooling)) throw new ArgumentOutOfRangeException(nameof(options), pooling, "SentenceEncoderOptions.Pooling is not a known pooling.");
        if (options.Precision != Precision.Float32) throw new NotSupportedException($"SentenceEncoderOptions.Precision {options.Precision} is not supported yet; use Float32.");
    }

    private sealed class Latest(Action<EncodingProgress> report) : IProgress<EncodingProgress>
    {
        public void Report(EncodingProgress value) => report(value);
    }
}
