using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TorchSharp;

namespace Microsoft.ML.SynCse;

/// <summary>Sentences to vectors: a pretrained or tuned transformer encoder with its tokenizer, pooling, head and normalisation.</summary>
/// <remarks>
/// Every member may be called from several threads at once; they share the weights and the machine's cores, so one caller with many sentences is faster than
/// many callers with one. <see cref="Dispose"/> waits for calls that are running; later calls throw
/// <see cref="ObjectDisposedException"/>, which names the encoder.
/// The vector of a sentence does not depend on the sentences encoded with it beyond rounding (1e-5).
/// As a generator it goes by a fingerprint of its weights and settings, <c>EmbeddingGeneratorMetadata.DefaultModelId</c>, never by its
/// name: two encoders of one name are two models to whatever keeps vectors (<see cref="EmbeddingIdentity"/>). Loading begins to hash the
/// weights in the background; who asks before that is done waits for the rest.
/// </remarks>
public sealed class SentenceEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string DefaultName = "Microsoft.ML.SynCse default encoder";

    private readonly ReaderWriterLockSlim _use = new(LockRecursionPolicy.SupportsRecursion);
    private readonly EncoderFingerprint _fingerprint;
    private readonly EncoderPrompts _prompts;
    private EncoderModel? _model;
    private string? _disposedWith;
    private long _encodedSentences;

    internal SentenceEncoder(EncoderModel model, SentenceEncoderOptions options, ModelCard? card = null)
    {
        _fingerprint = new(Use<bool>);
        model.ComputeIn(options.Precision);
        (_model, Options, Card) = (model, options, card ?? new());
        (_prompts, MatryoshkaDimensions) = (model.Prompts, model.MatryoshkaDimensions);
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

    /// <summary>The number format of the matrix products.</summary>
    public Precision Precision => Options.Precision;

    /// <summary>The prompts by name, as the folder's config_sentence_transformers.json has them; empty where the model wants none.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _prompts.Config.Prompts;

    /// <summary>The prompt that is put before every sentence where <see cref="EncodingOptions"/> name no other; null for none.</summary>
    public string? DefaultPromptName => _prompts.Config.DefaultPromptName;

    /// <summary>The lengths, rising, that vectors may be cut to by <see cref="EncodingOptions.Dimensions"/>; empty where the model was not made for it.</summary>
    /// <remarks>
    /// As the folder's config.json says: <c>matryoshka_dimensions</c>, a list, or <c>is_matryoshka</c>, which allows every length. Training here does not look at
    /// the start of a vector alone, so an encoder that was tuned has none.
    /// </remarks>
    public IReadOnlyList<int> MatryoshkaDimensions { get; }

    /// <summary>What is known of where the encoder comes from: read with it, and filled by training.</summary>
    public ModelCard Card { get; internal set; }

    /// <summary>Whether text is put before every sentence where nobody asks for it.</summary>
    internal bool HasDefaultPrompt => _prompts.Pick(new()).Length > 0;

    /// <summary>What the encoder was loaded with.</summary>
    internal SentenceEncoderOptions Options { get; }

    /// <summary>Whether the fingerprint need not be waited for; tests ask it.</summary>
    internal bool KnowsFingerprint => _fingerprint.IsMade;

    /// <summary>What tells its vectors from others: <see cref="EmbeddingIdentity"/>.</summary>
    private string Identity => Precision == Precision.Float32 ? _fingerprint.Get() : $"{_fingerprint.Get()}, {Precision}";

    /// <summary>How many sentences were encoded so far; tests ask it.</summary>
    internal long EncodedSentences => Interlocked.Read(ref _encodedSentences);

    /// <summary>Reads an encoder from a folder (Hugging Face, sentence-transformers) or from the zip of a saved model that holds exactly one.</summary>
    /// <param name="path">The folder, with config.json, model.safetensors and the tokenizer's files; or the zip, of which it takes the
    /// encoder: precision and batch size are as <paramref name="options"/> say.</param>
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
        if (Directory.Exists(path)) return Load(new FolderFileSource(path), options, device, FolderName.Of(path));
        if (!File.Exists(path))
            throw new DirectoryNotFoundException($"There is no folder or zip '{Path.GetFullPath(path)}'.{HubName.Advice(path)}");
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
        return Load(new EmbeddedFileSource("DefaultEncoder"), options, device, DefaultName);
    }

    /// <summary>Reads an encoder from any place its files lie; <paramref name="device"/> is where its weights go, <paramref name="name"/> what it is called where its card does not say.</summary>
    internal static SentenceEncoder Load(IModelFileSource source, SentenceEncoderOptions? options, torch.Device device, string? name = null)
    {
        options ??= new();
        Validate(options);
        bool lacks = options.Precision == Precision.BFloat16 && !BFloat16Support.IsOn(device);
        if (lacks && options.AllowPrecisionFallback) options = options.In(Precision.Float32);
        if (options.Precision == Precision.BFloat16) BFloat16Support.Require($"SentenceEncoderOptions.{nameof(options.Precision)}", device);
        var card = ModelCardFile.Read(source) ?? new();
        var encoder = Over(EncoderModelFiles.Read(source, options, device), options, card with { Name = card.Name ?? name });
        encoder._fingerprint.Begin();
        return encoder;
    }

    /// <summary>The token ids of a sentence, special tokens in, without a prompt, cut at <see cref="MaxSequenceLength"/>.</summary>
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
    /// <exception cref="ArgumentException">A sentence is null; names its index. Or an option is not one of this encoder's; names those that are.</exception>
    /// <exception cref="NotSupportedException"><see cref="EncodingOptions.Dimensions"/> is a length that the model was not made for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public float[][] Encode(IReadOnlyList<string> sentences, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        options ??= new();
        Check(options);
        for (int i = 0; i < sentences.Count; i++)
            if (sentences[i] is null) throw new ArgumentException($"sentences[{i}] is null.", nameof(sentences));
        return Use(model =>
        {
            var prompt = _prompts.Pick(options);
            int leftOut = _prompts.TokensLeftOut(prompt, model.Tokenizer, MaxSequenceLength);
            var vectors = new List<float[]>(sentences.Count);
            long done = 0, tokens = 0;
            for (int start = 0; start < sentences.Count; start += options.WindowSize)
            {
                var ids = BatchEncoder.Tokenize(model, sentences, start, Math.Min(options.WindowSize, sentences.Count - start), cancellationToken, prompt);
                vectors.AddRange(BatchEncoder.Encode(model, ids, Options.MaxTokensPerBatch, (n, t) => progress?.Report(new(done += n, sentences.Count, tokens += t)), cancellationToken, leftOut));
            }
            Interlocked.Add(ref _encodedSentences, sentences.Count);
            return options.Dimensions is { } length && length < Dimensions ? [.. vectors.Select(v => ShortVector.Of(v, length, Normalized))] : vectors.ToArray();
        });
    }

    /// <summary>The vectors of a stream of sentences, in its order; holds <see cref="EncodingOptions.WindowSize"/> sentences at a time.</summary>
    /// <param name="sentences">Any texts, empty ones included.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="cancellationToken">Asked before every batch.</param>
    /// <returns>One vector of <see cref="Dimensions"/> values for each sentence. The computation runs on a thread of its own.</returns>
    /// <exception cref="ArgumentException">An option is not one of this encoder's; names those that are.</exception>
    /// <exception cref="NotSupportedException"><see cref="EncodingOptions.Dimensions"/> is a length that the model was not made for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IAsyncEnumerable<float[]> EncodeAsync(IAsyncEnumerable<string> sentences, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        options ??= new();
        Check(options);
        return EncodeWindows(sentences, options, cancellationToken);
    }

    /// <summary>Writes the encoder as a sentence-transformers folder with float32 weights: beside the target first, then renamed.</summary>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <exception cref="IOException">The folder has content or could not be written; nothing is left behind.</exception>
    /// <exception cref="NotSupportedException">The layout has no name for the encoder's pooling.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder) => Save(folder, null);

    /// <summary>The same as <see cref="Save(string)"/>, with what the user knows of the encoder in its README.md, the model card.</summary>
    /// <param name="folder">A folder that does not exist yet, or is empty.</param>
    /// <param name="card">What the card says; a part that is null is as in <see cref="Card"/>. Default: <see cref="Card"/>.</param>
    /// <exception cref="ArgumentException">A part of the card is none that the Hugging Face Hub reads; names it.</exception>
    /// <exception cref="IOException">The folder has content or could not be written; nothing is left behind.</exception>
    /// <exception cref="NotSupportedException">The layout has no name for the encoder's pooling.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder, ModelCard? card)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!EncoderModelFiles.IsPortable(Pooling))
            throw new NotSupportedException(
                $"Pooling {Pooling} has no name in the sentence-transformers layout; {Pooling.Cls}, {Pooling.Mean} and {Pooling.Max} have. "
                + $"Save an ML.NET model (mlContext.Model.Save), which keeps it, or load the encoder with SentenceEncoderOptions.Pooling = {Pooling.Mean} and measure again.");
        var whole = card is null ? Card : card.Over(Card);
        whole.Validate();
        Use(model =>
        {
            AtomicFolder.Write(folder, sink =>
            {
                EncoderModelFiles.Write(model, sink);
                ModelCardFile.Write(sink, whole);
                sink.Write("README.md", stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(ModelCardText.Write(whole, CardSubject.Of(model)))));
            });
            return true;
        });
    }

    /// <summary>Writes every file that <see cref="Load(IModelFileSource, SentenceEncoderOptions?, torch.Device, string?)"/> reads.</summary>
    internal void Save(IModelFileSink sink) => Use(model =>
    {
        EncoderModelFiles.Write(model, sink);
        ModelCardFile.Write(sink, Card);
        return true;
    });

    /// <summary>An encoder that owns a model: where it cannot be made (no room for the weights in its precision), the model is disposed.</summary>
    internal static SentenceEncoder Over(EncoderModel model, SentenceEncoderOptions options, ModelCard card)
    {
        try
        {
            return new(model, options, card);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The same encoder with weights of its own, under another card.</summary>
    internal SentenceEncoder Copy(ModelCard card) => Use(model =>
    {
        var copy = model.Clone(model.Device, model.Pooling, trains: false);
        copy.Freeze();
        return Over(copy, Options, card);
    });

    /// <summary>Throws where the encoder was disposed.</summary>
    internal void EnsureUsable() => Use(static _ => true);

    /// <summary>Runs something on the model; <see cref="Dispose"/> waits for it.</summary>
    internal T Use<T>(Func<EncoderModel, T> action)
    {
        _use.EnterReadLock();
        try
        {
            return action(_model ?? throw Disposed());
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>The vectors of texts, in their order, with the tokens used; computed on the thread pool.</summary>
    /// <param name="values">Any texts, empty ones included; read before the call returns.</param>
    /// <param name="options">
    /// <c>Dimensions</c>: the encoder's own, or one of <see cref="MatryoshkaDimensions"/>. <c>ModelId</c>: only this encoder's, which is the id its metadata tell or
    /// the name on its <see cref="Card"/>. <c>AdditionalProperties</c>: <c>"prompt_name"</c> and <c>"prompt"</c>, texts that mean what
    /// <see cref="EncodingOptions.PromptName"/> and <see cref="EncodingOptions.Prompt"/> do; other keys are left alone. Default: the encoder's own length, its default prompt.
    /// </param>
    /// <param name="cancellationToken">Asked before every batch.</param>
    /// <exception cref="ArgumentException">A text is null; names its index. Or a prompt's name is not one of this encoder's.</exception>
    /// <exception cref="NotSupportedException">The options ask for another model, or for a length that this one was not made for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] sentences = [.. values];                                                              // the caller may change its list while this works
        for (int i = 0; i < sentences.Length; i++)
            if (sentences[i] is null) throw new ArgumentException($"values[{i}] is null.", nameof(values));
        var encoding = GeneratorOptions.Read(options, this);
        long tokens = 0;
        var vectors = await Task.Run(
            () =>
            {
                CheckModel(options?.ModelId, cancellationToken);
                var encoded = Encode(sentences, encoding, new Latest(p => tokens = p.Tokens), cancellationToken);
                string? model = encoded.Length == 0 ? null : _fingerprint.Get(cancellationToken);
                return encoded.Select(v => new Embedding<float>(v) { ModelId = model, CreatedAt = DateTimeOffset.UtcNow }).ToArray();
            },
            cancellationToken).ConfigureAwait(false);
        return new(vectors) { Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens } };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is EmbeddingIdentity.ServiceKey && serviceType == typeof(string)) return Identity;
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata))
            return new EmbeddingGeneratorMetadata("Microsoft.ML.SynCse", null, _fingerprint.Get(), Dimensions);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees the weights once running calls have ended.</summary>
    /// <exception cref="LockRecursionException">Called from within a call of this encoder, for example from its progress.</exception>
    public void Dispose() => DisposeWith(null);

    /// <summary>The same, at the end of somebody else's life.</summary>
    /// <param name="with">What later calls are told behind "was disposed"; null for nothing more.</param>
    internal void DisposeWith(string? with)
    {
        _fingerprint.End();
        _use.EnterWriteLock();
        try
        {
            if (_model is not null) _disposedWith = with;
            _model?.Dispose();
            _model = null;
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    private ObjectDisposedException Disposed()
    {
        string name = Card.Name is { } known ? $" '{known}'" : "", with = _disposedWith is { } other ? $" {other}" : "";
        return new(nameof(SentenceEncoder), $"The sentence encoder{name} was disposed{with}.");
    }

    private string AlsoCalled() => Card.Name is { } name ? $", also called '{name}'" : "";

    // The id may still be in the making, so the name is compared first.
    private void CheckModel(string? asked, CancellationToken cancellationToken)
    {
        if (asked is not null && asked != Card.Name && _fingerprint.Get(cancellationToken) is var id && asked != id)
            throw new NotSupportedException($"EmbeddingGenerationOptions.ModelId is '{asked}'; this encoder is '{id}'{AlsoCalled()}.");
    }

    private void Check(EncodingOptions options)
    {
        options.Validate();
        _prompts.Pick(options);
        if (options.Dimensions is { } length && length != Dimensions && !MatryoshkaDimensions.Contains(length))
            throw new NotSupportedException($"EncodingOptions.Dimensions is {length}; this encoder makes {Dimensions}{(MatryoshkaDimensions.Count == 0 ? ", and its config.json does not say that they may be cut (matryoshka_dimensions)" : $", or {MatryoshkaDimensionsInWords()}")}.");
    }

    private string MatryoshkaDimensionsInWords() => MatryoshkaDimensions.Count == Dimensions ? "any length from 1" : string.Join(", ", MatryoshkaDimensions);

    private async IAsyncEnumerable<float[]> EncodeWindows(IAsyncEnumerable<string> sentences, EncodingOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new List<string>(Math.Min(options.WindowSize, 4096));
        long read = 0;
        using var thread = new WorkThread("SynCse encoding");
        Task<float[][]> EncodeWindow() => thread.RunAsync(() => Encode(window, options, null, cancellationToken));
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
        using (var file = File.OpenRead(path)) GitLfsPointer.Refuse(file, $"'{Path.GetFullPath(path)}'");
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
        if (!Enum.IsDefined(options.Precision)) throw new ArgumentOutOfRangeException(nameof(options), options.Precision, "SentenceEncoderOptions.Precision is not a known precision.");
    }

    private sealed class Latest(Action<EncodingProgress> report) : IProgress<EncodingProgress>
    {
        public void Report(EncodingProgress value) => report(value);
    }
}
