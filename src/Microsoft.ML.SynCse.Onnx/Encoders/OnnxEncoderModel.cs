using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Onnx.Encoders;

/// <summary>A whole encoder over an ONNX file: tokenizer, graph, and what the graph leaves to be done.</summary>
internal sealed class OnnxEncoderModel : IEncoderModel
{
    private const string DefaultFile = "onnx/model.onnx";

    // Where sentence-transformers and Optimum put a model, in the order in which they are looked for.
    private static readonly string[] _usualFiles =
    [
        DefaultFile, "model.onnx", "onnx/model_qint8_avx2.onnx", "onnx/model_qint8_avx512_vnni.onnx", "onnx/model_qint8_arm64.onnx",
    ];

    // How exporters name the file of weights that are too large for the model's own: ours and Optimum's, and PyTorch's.
    private static readonly string[] _dataEndings = ["_data", ".data"];

    private static readonly WorkerThreads _threads = new("SynCse ONNX encoding");

    private readonly IModelFileSource _files;
    private readonly OnnxModelFile _graph;
    private readonly ModelConfiguration _configuration;
    private readonly EncoderLayout _layout;
    private readonly VectorHead? _head;
    private readonly string _file;

    private OnnxEncoderModel(
        IModelFileSource files, string file, OnnxModelFile graph, ModelConfiguration configuration, EncoderLayout layout, VectorHead? head,
        SentenceTokenizer tokenizer)
        => (_files, _file, _graph, _configuration, _layout, _head, Tokenizer)
            = (files, file, graph, configuration, layout, head, tokenizer);

    /// <inheritdoc/>
    public SentenceTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public required EncoderPrompts Prompts { get; init; }

    /// <inheritdoc/>
    public int Dimensions => _head?.Dimensions ?? _graph.SentenceSize!.Value;

    /// <inheritdoc/>
    public required int MaxSequenceLength { get; init; }

    /// <inheritdoc/>
    public bool Normalize => _layout.Normalize;

    /// <inheritdoc/>
    public required IReadOnlyList<int> MatryoshkaDimensions { get; init; }

    /// <summary>What is wrong with the file on this machine; null if nothing is.</summary>
    public required string? Warning { get; init; }

    /// <inheritdoc/>
    public required int Workers { get; init; }

    /// <inheritdoc/>
    public bool SharesCores => false;

    /// <summary>Reads an encoder.</summary>
    /// <exception cref="InvalidDataException">The files are not an encoder that can be used; names file and reason.</exception>
    public static OnnxEncoderModel Read(IModelFileSource files, OnnxEncoderOptions options)
    {
        var layout = EncoderLayout.Read(files);
        var root = layout.TransformerFolder.Length == 0 ? files : new SubfolderSource(files, layout.TransformerFolder);
        var configuration = ModelConfiguration.Read(root);
        int padId = configuration.Int("pad_token_id", 0, int.MaxValue - 1, fallback: 0);
        var tokenizer = SentenceTokenizer.Load(root, new(configuration.ModelType, layout.LowerCase, padId));
        VocabularyCheck.Require(configuration, tokenizer);
        string file = options.File ?? _usualFiles.FirstOrDefault(name => files.TryRead(name, _ => { })) ?? DefaultFile;
        using var own = options.SessionOptions is null ? OneThread(files) : null;
        var graph = OnnxModelFile.Open(files, file, options.SessionOptions ?? own!, HiddenSize(configuration));
        try
        {
            OnnxFileCheck.Require(graph, tokenizer, files.Describe(file));
            var head = Head(files, layout, graph, file);
            int dimensions = head?.Dimensions ?? graph.SentenceSize!.Value;
            // Only a folder is still there when the encoder is saved.
            var kept = files is FolderFileSource or InMemoryFiles ? files
                : InMemoryFiles.Copy(files, [file, .. layout.Dense.Select(dense => dense.WeightsFile)]);
            return new(kept, file, graph, configuration, layout, head, tokenizer)
            {
                Prompts = new(SentenceTransformersConfig.Read(files), layout.IncludePrompt),
                MaxSequenceLength = SequenceLength.Pick(
                    options.MaxSequenceLength, $"{nameof(OnnxEncoderOptions)}.{nameof(options.MaxSequenceLength)}",
                    () => layout.MaxSequenceLength ?? SequenceLength.OfTokenizer(root), SequenceLength.Positions(configuration),
                    tokenizer.SpecialTokenCount),
                MatryoshkaDimensions = MatryoshkaFields.Read(configuration, dimensions),
                Warning = OnnxFileCheck.Warning(graph.Metadata, file, Int8Support.IsExact),
                Workers = options.Threads ?? (options.SessionOptions is null ? CpuBudget.Cpus : 1),
            };
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public float[][] Encode(int[][] rows, int leftOut)
    {
        var block = TokenBlock.Create(rows, Tokenizer.PadId);
        if (_head is not null) return _head.Apply(_graph.Tokens(block), rows, block.Length, leftOut);
        float[] values = _graph.Sentences(block, leftOut);
        return [.. values.Chunk(Dimensions)];
    }

    /// <inheritdoc/>
    public void RunBatches(int workers, int count, Action<int> work, Action<int> done, CancellationToken cancellationToken)
        => _threads.Run(workers, count, work, done, cancellationToken);

    /// <inheritdoc/>
    public void WriteIdentity(IModelFileSink sink)
    {
        Write(sink, Tokenizer.FilesOfSource(MaxSequenceLength));
        foreach (string data in DataFiles()) Copy(sink, data, data);
    }

    /// <summary>Writes every file that <see cref="Read"/> reads.</summary>
    /// <exception cref="NotSupportedException">The weights are in a file of their own.</exception>
    public void Write(IModelFileSink sink)
    {
        if (DataFiles().Any())
            throw new NotSupportedException(
                $"{_files.Describe(_file)} has its weights in a file of its own, which cannot go into an ML.NET model: load the folder "
                    + $"with "
                + "OnnxSentenceEncoder.Load where the model is used, and give the encoder to ApplySentenceEncoder there.");
        Write(sink, Tokenizer.FilesToSave(MaxSequenceLength));
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();

    private void Write(IModelFileSink sink, IReadOnlyDictionary<string, byte[]> tokenizerFiles)
    {
        // The transformer's files go into the root, wherever they lay.
        var layout = _layout with
        {
            TransformerFolder = "",
            MaxSequenceLength = new(MaxSequenceLength, nameof(OnnxEncoderModel)),
            PoolingName = _layout.PoolingName ?? PoolingFile.NameOf(Pooling.Mean),
            OutputSize = _graph.TokenSize ?? Dimensions,
        };
        sink.WriteJson(ModelConfiguration.FileName, (JsonObject)_configuration.ToJson().DeepClone());
        foreach (var (name, bytes) in tokenizerFiles.OrderBy(f => f.Key, StringComparer.Ordinal))
            sink.Write(name, stream => stream.Write(bytes));
        Copy(sink, _file, DefaultFile);
        if (_head is not null)
            foreach (var dense in layout.Dense) Copy(sink, dense.WeightsFile, dense.WeightsFile);
        layout.Write(sink);
        Prompts.Config.Write(sink);
    }

    private IEnumerable<string> DataFiles() => _dataEndings.Select(ending => _file + ending).Where(name => _files.TryRead(name, _ => { }));

    private static int? HiddenSize(ModelConfiguration configuration)
    {
        int size = configuration.Int("hidden_size", 1, 1 << 20, fallback: configuration.Int("dim", 1, 1 << 20, fallback: 1 << 20));
        return size == 1 << 20 ? null : size;
    }

    private void Copy(IModelFileSink sink, string from, string to) => sink.Write(to, target =>
    {
        if (!_files.TryRead(from, source => source.CopyTo(target)))
            throw new InvalidDataException($"{_files.Describe(from)} is gone since the encoder was loaded.");
    });

    // What the graph does not do itself, as modules.json describes it; null where it does all.
    private static VectorHead? Head(IModelFileSource files, EncoderLayout layout, OnnxModelFile graph, string file)
    {
        if (graph.SentenceSize is not null && (layout.IncludePrompt || graph.TakesPromptLength)) return null;
        if (graph.TokenSize is null)
            throw new InvalidDataException(
                $"{files.Describe(file)} pools all tokens, and the folder's pooling leaves the prompt out (include_prompt is false): "
                    + $"export the "
                + "model again with its token vectors as an output, or with SentenceEncoder.ExportOnnx.");
        return VectorHead.Read(files, layout, graph.TokenSize.Value);
    }

    // Batches run side by side, so that each has one thread.
    private static SessionOptions OneThread(IModelFileSource files)
    {
        var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        // A model from a zip has no folder: it must not find weights in that of the process.
        if (files is not FolderFileSource)
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.Combine(Path.GetTempPath(), "none"));
        return options;
    }
}
