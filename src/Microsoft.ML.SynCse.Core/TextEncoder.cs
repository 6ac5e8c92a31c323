using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse;

/// <summary>Turns sentences into vectors: a tokenizer, the prompts of a model folder, and a model that computes batches of token
/// ids.</summary>
/// <remarks>
/// <para>This is what an ML.NET step, a search index or a vector store needs of an encoder. How the vectors are computed is the subclass's
/// part: <c>SentenceEncoder</c>, in the package SynCse, computes them in TorchSharp.</para>
/// <para>Every member may be called from several threads at once. The calls share the cores of the machine, so one caller with many
/// sentences is faster than many callers with one. <see cref="Dispose"/> waits for calls that are running; later calls throw
/// <see cref="ObjectDisposedException"/>, which names the encoder.</para>
/// <para>The vector of a sentence does not depend on the sentences encoded with it, up to rounding (1e-5).</para>
/// <para>As an <see cref="IEmbeddingGenerator"/> it is identified by a fingerprint of its weights and settings,
/// <see cref="EmbeddingGeneratorMetadata.DefaultModelId"/>, and not by its name: two encoders of one name are two models to a cache or a
/// vector store (see <see cref="EmbeddingIdentity"/>).</para>
/// </remarks>
public abstract partial class TextEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ReaderWriterLockSlim _use = new(LockRecursionPolicy.SupportsRecursion);
    private readonly EncoderFingerprint _fingerprint;
    private readonly EncoderPrompts _prompts;
    private readonly EncodingMonitor _monitor;
    private readonly int _maxTokensPerBatch;
    private IEncoderModel? _model;
    private string? _disposedWith;

    /// <summary>An encoder that owns its model.</summary>
    /// <param name="model">The model; <see cref="Dispose"/> disposes it.</param>
    /// <param name="maxTokensPerBatch">How many tokens, padding included, are computed at once.</param>
    /// <param name="logger">Receives one line for each call whose sentences were cut; null for none.</param>
    /// <param name="card">What is known of the encoder; null for nothing.</param>
    internal TextEncoder(IEncoderModel model, int maxTokensPerBatch, ILogger? logger, ModelCard? card)
    {
        _fingerprint = new(sink => Use(m =>
        {
            m.WriteIdentity(sink);
            return true;
        }));
        _monitor = new(logger, this);
        (_model, _prompts, _maxTokensPerBatch, Card) = (model, model.Prompts, maxTokensPerBatch, card ?? new());
        (Dimensions, MaxSequenceLength, Normalized, MatryoshkaDimensions) =
            (model.Dimensions, model.MaxSequenceLength, model.Normalize, model.MatryoshkaDimensions);
    }

    /// <summary>The number of values in each vector.</summary>
    public int Dimensions { get; }

    /// <summary>The number of tokens, special tokens included, at which a sentence is cut.</summary>
    public int MaxSequenceLength { get; }

    /// <summary>Whether vectors are scaled to an L2 norm of 1.</summary>
    public bool Normalized { get; }

    /// <summary>The prompts by name, as the folder's config_sentence_transformers.json has them; empty where the model has none.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _prompts.Config.Prompts;

    /// <summary>The prompt that is put before every sentence unless <see cref="EncodingOptions"/> name another; null for none.</summary>
    public string? DefaultPromptName => _prompts.Config.DefaultPromptName;

    /// <summary>The prompt that <see cref="EncodeQuery"/> uses: <c>query</c>, if the folder has it; else null.</summary>
    public string? QueryPromptName => _prompts.NameFor(PromptRole.Query);

    /// <summary>The prompt that <see cref="EncodeDocument"/> uses: the first of <c>document</c>, <c>passage</c> and <c>corpus</c> that the
    /// folder has; else null.</summary>
    public string? DocumentPromptName => _prompts.NameFor(PromptRole.Document);

    /// <summary>The lengths, in rising order, that vectors may be cut to by <see cref="EncodingOptions.Dimensions"/>; empty where the model
    /// was not made for it.</summary>
    /// <remarks>
    /// They come from the folder's config.json: <c>matryoshka_dimensions</c>, a list, or <c>is_matryoshka</c>, which allows every length.
    /// An encoder that was tuned here has none, because training looks at whole vectors.
    /// </remarks>
    public IReadOnlyList<int> MatryoshkaDimensions { get; }

    /// <summary>Where the encoder comes from: read with it, and filled by training.</summary>
    public ModelCard Card { get; internal set; }

    /// <summary>What identifies the vectors beside the weights, such as a number format; empty for nothing. See
    /// <see cref="EmbeddingIdentity"/>.</summary>
    internal virtual string IdentitySuffix => "";

    /// <summary>The kind of encoder that a saved model needs; one of the names in <see cref="Core.MLNet.EncoderKind"/>.</summary>
    internal abstract string Kind { get; }

    /// <summary>The settings that are in none of the encoder's files; <see cref="Core.MLNet.ITextEncoderLoader"/> gets them back.</summary>
    internal abstract IReadOnlyDictionary<string, string> SavedSettings { get; }

    /// <summary>Whether a prompt is put before every sentence when a call names none.</summary>
    internal bool HasDefaultPrompt => _prompts.Pick(new()).Length > 0;

    /// <summary>Whether the fingerprint is known already, without a wait.</summary>
    internal bool KnowsFingerprint => _fingerprint.IsMade;

    /// <summary>How many sentences were encoded so far; for tests.</summary>
    internal long EncodedSentences => _monitor.Sentences;

    private string Identity => _fingerprint.Get() + IdentitySuffix;

    /// <summary>The token ids of a sentence, with special tokens, without a prompt, cut at <see cref="MaxSequenceLength"/>.</summary>
    /// <param name="sentence">Any text.</param>
    /// <returns>The ids; at least one.</returns>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IReadOnlyList<int> Tokenize(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        return Use(model => model.Tokenizer.Encode(sentence, MaxSequenceLength, out _));
    }

    /// <summary>The vectors of sentences, in their order; computed on the calling thread and on the cores of the machine.</summary>
    /// <param name="sentences">Any texts, empty ones included.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="progress">Reported to after every batch.</param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>One vector for each sentence, of <see cref="EncodingOptions.Dimensions"/> values, or of <see cref="Dimensions"/>.</returns>
    /// <exception cref="ArgumentException">A sentence is null (the message has its index), or the encoder has no prompt of the name (the
    /// message lists those it has).</exception>
    /// <exception cref="NotSupportedException"><see cref="EncodingOptions.Dimensions"/> is a length that the model was not made
    /// for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    /// <example><code>
    /// float[][] vectors = encoder.Encode(["My parcel has not come.", "The package is still missing."]);
    /// </code></example>
    public float[][] Encode(
        IReadOnlyList<string> sentences, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null,
            CancellationToken cancellationToken = default)
        => EncodeReported(sentences, nameof(sentences), options ?? new(), new(progress), cancellationToken);

    /// <summary>The same as <see cref="Encode"/>, computed on the thread pool.</summary>
    /// <param name="sentences">Any texts, empty ones included; not to be changed before the task has ended.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="progress">Reported to after every batch.</param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>One vector for each sentence.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public Task<float[][]> EncodeAsync(
        IReadOnlyList<string> sentences, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        return Task.Run(() => Encode(sentences, options, progress, cancellationToken), cancellationToken);
    }

    /// <summary>The vectors of search queries: as <see cref="Encode"/>, with the folder's prompt <c>query</c> where it has one.</summary>
    /// <param name="queries">Any texts.</param>
    /// <param name="options">A prompt that is named here is used instead. Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="progress">Reported to after every batch.</param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>One vector for each query.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public float[][] EncodeQuery(
        IReadOnlyList<string> queries, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null,
            CancellationToken cancellationToken = default)
        => Encode(queries, _prompts.ForRole(PromptRole.Query, options), progress, cancellationToken);

    /// <summary>The vectors of documents to be searched: as <see cref="Encode"/>, with the folder's prompt <c>document</c>, <c>passage</c>
    /// or <c>corpus</c> where it has one of them.</summary>
    /// <param name="documents">Any texts.</param>
    /// <param name="options">A prompt that is named here is used instead. Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="progress">Reported to after every batch.</param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>One vector for each document.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="Encode"/>.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public float[][] EncodeDocument(
        IReadOnlyList<string> documents, EncodingOptions? options = null, IProgress<EncodingProgress>? progress = null,
            CancellationToken cancellationToken = default)
        => Encode(documents, _prompts.ForRole(PromptRole.Document, options), progress, cancellationToken);

    /// <summary>The vectors of a stream of sentences, in its order. At most <see cref="EncodingOptions.WindowSize"/> sentences are held at
    /// a time, so the stream may be endless.</summary>
    /// <param name="sentences">Any texts, empty ones included.</param>
    /// <param name="options">Default: a new <see cref="EncodingOptions"/>.</param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>One vector for each sentence. The computation runs on a thread of its own.</returns>
    /// <exception cref="ArgumentException">A sentence is null, or the encoder has no prompt of the name (the message lists those it
    /// has).</exception>
    /// <exception cref="NotSupportedException"><see cref="EncodingOptions.Dimensions"/> is a length that the model was not made
    /// for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IAsyncEnumerable<float[]> EncodeStreamingAsync(
        IAsyncEnumerable<string> sentences, EncodingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        options ??= new();
        Check(options);
        return EncodeWindows(sentences, options, cancellationToken);
    }

    /// <summary>The vectors of texts, in their order, with the tokens used; computed on the thread pool.</summary>
    /// <param name="values">Any texts, empty ones included; read before the call returns.</param>
    /// <param name="options">
    /// <c>Dimensions</c>: the encoder's own, or one of <see cref="MatryoshkaDimensions"/>. <c>ModelId</c>: only this encoder's, which is
    /// the id in its metadata or the name on its <see cref="Card"/>. <c>AdditionalProperties</c>: <c>"prompt_name"</c> and <c>"prompt"</c>,
    /// texts that mean what <see cref="EncodingOptions.PromptName"/> and <see cref="EncodingOptions.Prompt"/> do; other keys are ignored.
    /// Default: the encoder's own length and default prompt.
    /// </param>
    /// <param name="cancellationToken">Checked before every batch.</param>
    /// <returns>The vectors. Their usage has the tokens and, if texts were cut, their number in
    /// <c>AdditionalCounts["truncated_inputs"]</c>.</returns>
    /// <exception cref="ArgumentException">A text is null (the message has its index), or the encoder has no prompt of the
    /// name.</exception>
    /// <exception cref="NotSupportedException">The options ask for another model, or for a length that this one was not made
    /// for.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string[] sentences = [.. values];                               // the caller may change its list while this works
        var encoding = GeneratorOptions.Read(options, this);
        var call = new EncodingCall(null);
        var vectors = await Task.Run(
            () =>
            {
                CheckModel(options?.ModelId, cancellationToken);
                float[][] encoded = EncodeReported(sentences, nameof(values), encoding, call, cancellationToken);
                string? model = encoded.Length == 0 ? null : _fingerprint.Get(cancellationToken);
                return encoded.Select(v => new Embedding<float>(v) { ModelId = model, CreatedAt = DateTimeOffset.UtcNow }).ToArray();
            },
            cancellationToken).ConfigureAwait(false);
        return new(vectors) { Usage = call.Usage() };
    }

    /// <inheritdoc/>
    public virtual object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is EmbeddingIdentity.ServiceKey && serviceType == typeof(string)) return Identity;
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata))
            return new EmbeddingGeneratorMetadata(SynCseTelemetry.Name, null, _fingerprint.Get(), Dimensions);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees the model once running calls have ended. A second call does nothing.</summary>
    /// <exception cref="LockRecursionException">Called from within a call of this encoder, for example from its progress.</exception>
    public void Dispose()
    {
        DisposeWith(null);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes every file that is needed to load the encoder again.</summary>
    internal abstract void SaveFiles(IModelFileSink sink);

    /// <summary>Throws if the encoder was disposed.</summary>
    internal void EnsureUsable() => Use(static _ => true);

    /// <summary>Disposes the encoder because its owner is disposed.</summary>
    /// <param name="with">Ends the message of later calls, after "was disposed"; null for nothing.</param>
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

    /// <summary>Begins to hash the weights in the background.</summary>
    private protected void BeginFingerprint() => _fingerprint.Begin();

    /// <summary>Runs something on the model, which <see cref="Dispose"/> waits for.</summary>
    private protected T Use<T>(Func<IEncoderModel, T> action)
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

    private float[][] EncodeReported(
        IReadOnlyList<string> sentences, string name, EncodingOptions options, EncodingCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sentences, name);
        Check(options);
        RequireTexts(sentences, name);
        try
        {
            return Use(model => EncodeAll(model, sentences, options, call, cancellationToken));
        }
        finally
        {
            // A call that fails has counts too.
            _monitor.Report(call);
        }
    }

    private float[][] EncodeAll(
        IEncoderModel model, IReadOnlyList<string> sentences, EncodingOptions options, EncodingCall call,
        CancellationToken cancellationToken)
    {
        string prompt = _prompts.Pick(options);
        int leftOut = _prompts.TokensLeftOut(prompt, model.Tokenizer, MaxSequenceLength);
        var vectors = new List<float[]>(sentences.Count);
        call.Begin(sentences.Count);
        for (int start = 0; start < sentences.Count; start += options.WindowSize)
        {
            int count = Math.Min(options.WindowSize, sentences.Count - start);
            int[][] ids = BatchEncoder.Tokenize(model, sentences, start, count, cancellationToken, prompt, out int truncated);
            call.Truncated += truncated;
            vectors.AddRange(BatchEncoder.Encode(model, ids, _maxTokensPerBatch, call.BatchDone, cancellationToken, leftOut));
        }
        return options.Dimensions is { } length && length < Dimensions
            ? [.. vectors.Select(v => ShortVector.Of(v, length, Normalized))] : vectors.ToArray();
    }

    private async IAsyncEnumerable<float[]> EncodeWindows(
        IAsyncEnumerable<string> sentences, EncodingOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new List<string>(Math.Min(options.WindowSize, 4096));
        var whole = new EncodingCall(null);
        long read = 0;
        using var thread = new WorkerThreads("SynCse encoding");
        await foreach (string? sentence in sentences.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            window.Add(sentence ?? throw new ArgumentException($"Sentence {read} of the stream is null.", nameof(sentences)));
            read++;
            if (window.Count < options.WindowSize) continue;
            foreach (float[] vector in await EncodeWindow().ConfigureAwait(false)) yield return vector;
            window.Clear();
        }
        if (window.Count == 0) yield break;
        foreach (float[] vector in await EncodeWindow().ConfigureAwait(false)) yield return vector;

        Task<float[][]> EncodeWindow()
            => thread.RunAsync(() => EncodeReported(window, nameof(sentences), options, whole, cancellationToken));
    }

    private ObjectDisposedException Disposed()
    {
        string name = Card.Name is { } known ? $" '{known}'" : "", with = _disposedWith is { } other ? $" {other}" : "";
        return new(GetType().Name, $"The sentence encoder{name} was disposed{with}.");
    }

    private static void RequireTexts(IReadOnlyList<string> sentences, string name)
    {
        for (int i = 0; i < sentences.Count; i++)
            if (sentences[i] is null) throw new ArgumentException($"{name}[{i}] is null.", name);
    }

    // The name is compared first, because the fingerprint may still be in the making.
    private void CheckModel(string? asked, CancellationToken cancellationToken)
    {
        if (asked is null || asked == Card.Name || _fingerprint.Get(cancellationToken) is var id && asked == id) return;
        string also = Card.Name is { } name ? $", also called '{name}'" : "";
        throw new NotSupportedException($"EmbeddingGenerationOptions.ModelId is '{asked}'; this encoder is '{id}'{also}.");
    }

    private void Check(EncodingOptions options)
    {
        options.Validate();
        _prompts.Pick(options);
        if (options.Dimensions is not { } length || length == Dimensions || MatryoshkaDimensions.Contains(length)) return;
        string others = MatryoshkaDimensions.Count == 0 ? ", and its config.json does not say that they may be cut (matryoshka_dimensions)"
            : MatryoshkaDimensions.Count == Dimensions ? ", or any length from 1"
            : $", or {string.Join(", ", MatryoshkaDimensions)}";
        throw new NotSupportedException($"EncodingOptions.Dimensions is {length}; this encoder makes {Dimensions}{others}.");
    }
}
