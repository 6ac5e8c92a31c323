using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Onnx.Encoders;

/// <summary>An ONNX file of an encoder, opened by ONNX Runtime: its inputs and outputs, checked.</summary>
internal sealed class OnnxModelFile : IDisposable
{
    private const string Ids = "input_ids", Mask = "attention_mask", Types = "token_type_ids", PromptLength = "prompt_length";

    // As sentence-transformers, Optimum and PyTorch's exporter name them.
    private const string SentenceName = "sentence_embedding";
    private static readonly string[] _tokenNames = ["token_embeddings", "last_hidden_state"];

    private readonly InferenceSession _session;
    private readonly string _file;
    private readonly bool _readsTypes;

    private OnnxModelFile(InferenceSession session, string file, int? hiddenSize)
    {
        (_session, _file) = (session, file);
        var inputs = session.InputMetadata;
        foreach (string? name in new[] { Ids, Mask })
            if (!inputs.ContainsKey(name)) throw Wrong($"has no input {name}; its inputs are {Names(inputs.Keys)}");
        if (inputs.Keys.Except([Ids, Mask, Types, PromptLength]).ToArray() is { Length: > 0 } others)
            throw Wrong($"needs the input {Names(others)}, which no encoder of sentences has");
        foreach (var (name, input) in inputs)
            if (input.ElementDataType != OnnxRuntime.Tensors.TensorElementType.Int64)
                throw Wrong($"wants its input {name} as {input.ElementDataType}; it must be Int64");
        _readsTypes = inputs.ContainsKey(Types);
        TakesPromptLength = inputs.ContainsKey(PromptLength) || session.OverridableInitializerMetadata.ContainsKey(PromptLength);
        SentenceSize = SizeOf(SentenceName, 2, null);
        TokenOutput = _tokenNames.FirstOrDefault(session.OutputMetadata.ContainsKey);
        TokenSize = TokenOutput is null ? null : SizeOf(TokenOutput, 3, hiddenSize);
        if (hiddenSize is { } expected && TokenSize is { } found && found != expected)
            throw new InvalidDataException(
                $"{_file} gives vectors of {found} numbers for each token, and config.json beside it says {expected}: the files are not "
                    + $"of one "
                + "model.");
        if (SentenceSize is null && TokenSize is null && session.OutputMetadata.ContainsKey(SentenceName))
            throw Wrong($"leaves the length of its output {SentenceName} open");
        if (SentenceSize is null && TokenSize is null)
            throw Wrong($"has neither the output {SentenceName} nor {Names(_tokenNames)}; its outputs are "
                + Names(session.OutputMetadata.Keys));
    }

    /// <summary>D, the length of the vectors that the graph pools itself; null if it does not.</summary>
    public int? SentenceSize { get; }

    /// <summary>H, the length of the token vectors that the graph gives; null if it gives none.</summary>
    public int? TokenSize { get; }

    /// <summary>Whether the graph can leave the tokens of a prompt out of its pooling.</summary>
    public bool TakesPromptLength { get; }

    /// <summary>The metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    private string? TokenOutput { get; }

    /// <summary>Opens the file.</summary>
    /// <param name="files">The encoder's files.</param>
    /// <param name="name">The name of the ONNX file.</param>
    /// <param name="options">The settings of ONNX Runtime.</param>
    /// <param name="hiddenSize">H, as config.json has it; null if it does not say.</param>
    /// <exception cref="InvalidDataException">There is no such file, or it cannot be used; names it.</exception>
    public static OnnxModelFile Open(IModelFileSource files, string name, SessionOptions options, int? hiddenSize)
    {
        string file = files.Describe(name);
        InferenceSession? session = null;
        try
        {
            // By its path, because weights in a file of their own are looked for beside it.
            if (files is FolderFileSource folder)
            {
                if (!files.TryRead(name, _ => { })) throw Missing(file);
                session = new(Path.Combine(folder.Location, name), options);
            }
            else
            {
                byte[]? bytes = null;
                files.TryRead(name, stream =>
                {
                    bytes = new byte[stream.Length];
                    stream.ReadExactly(bytes);
                });
                session = new(bytes ?? throw Missing(file), options);
            }
            return new(session, file, hiddenSize);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidDataException($"{file} cannot be opened by ONNX Runtime: {OneLine(error.Message)}", error);
        }
        catch
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Computes the vectors of a batch that the graph pools.</summary>
    /// <returns>(B, D), row after row.</returns>
    public float[] Sentences(TokenBlock block, int leftOut) => Run(block, leftOut, SentenceName);

    /// <summary>Computes the vectors of the tokens of a batch.</summary>
    /// <returns>(B, T, H), row after row.</returns>
    public float[] Tokens(TokenBlock block) => Run(block, 0, TokenOutput!);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[] Run(TokenBlock block, int leftOut, string output)
    {
        long[] shape = [block.Rows, block.Length];
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            inputs[Ids] = OrtValue.CreateTensorValueFromMemory(block.Ids, shape);
            inputs[Mask] = OrtValue.CreateTensorValueFromMemory(block.Mask, shape);
            if (_readsTypes) inputs[Types] = OrtValue.CreateTensorValueFromMemory(new long[block.Ids.Length], shape);
            if (leftOut > 0 || _session.InputMetadata.ContainsKey(PromptLength)) inputs[PromptLength] =
                OrtValue.CreateTensorValueFromMemory<long>([leftOut], []);
            using var run = new RunOptions();
            using var results = _session.Run(run, inputs, [output]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException error)
        {
            throw new InvalidOperationException(
                $"{_file} failed on a batch of {block.Rows} x {block.Length} tokens: {OneLine(error.Message)} If this happens with every "
                    + $"text, "
                + "the file is not of the model whose tokenizer lies beside it.", error);
        }
        finally
        {
            foreach (var value in inputs.Values) value.Dispose();
        }
    }

    // The length of the last axis of a float output. Some exporters leave it open.
    private int? SizeOf(string output, int axes, int? otherwise)
    {
        if (!_session.OutputMetadata.TryGetValue(output, out var found)) return null;
        if (found.ElementDataType != OnnxRuntime.Tensors.TensorElementType.Float || found.Dimensions.Length != axes)
            throw Wrong($"gives its output {output} as {found.ElementDataType} with {found.Dimensions.Length} axes; it must be Float with "
                + $"{axes}");
        return found.Dimensions[^1] > 0 ? found.Dimensions[^1] : otherwise;
    }

    private InvalidDataException Wrong(string why) => new($"{_file} {why}: it is not the ONNX file of a sentence encoder.");

    private static InvalidDataException Missing(string file)
        => new($"There is no {file}: save the encoder with SaveOptions.Onnx, or name the file in OnnxEncoderOptions.File.");

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(ModelFileName.Shown));

    // ONNX Runtime's messages may have several lines and the source's path at the start.
    private static string OneLine(string message)
    {
        string line = message.ReplaceLineEndings(" ").Trim();
        return line.Length <= 400 ? line : line[..400] + "...";
    }
}

/// <summary>Sentences as one padded block of token ids.</summary>
/// <param name="Ids">(B, T), row after row.</param>
/// <param name="Mask">1 for tokens, 0 for padding (B, T).</param>
/// <param name="Rows">B.</param>
/// <param name="Length">T.</param>
internal sealed record TokenBlock(long[] Ids, long[] Mask, int Rows, int Length)
{
    /// <summary>Pads the rows to the longest.</summary>
    public static TokenBlock Create(int[][] rows, int padId)
    {
        int length = rows.Max(row => row.Length);
        var (ids, mask) = (new long[rows.Length * length], new long[rows.Length * length]);
        for (int r = 0; r < rows.Length; r++)
        {
            int[] row = rows[r];
            for (int t = 0; t < row.Length; t++) (ids[r * length + t], mask[r * length + t]) = (row[t], 1);
            ids.AsSpan(r * length + row.Length, length - row.Length).Fill(padId);
        }
        return new(ids, mask, rows.Length, length);
    }
}
