using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Encoders;
using TorchSharp;
using static Onnx.TensorProto.Types;

namespace Microsoft.ML.SynCse.Export;

/// <summary>Writes an encoder as one ONNX graph: from token ids to the vectors that <see cref="EncoderModel.Encode(TokenBatch)"/>
/// computes.</summary>
internal static class OnnxExporter
{
    private const string Batch = "batch_size", Length = "sequence_length", DataSuffix = "_data";

    /// <summary>Throws if an option is not known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The quantization is none of the known ones.</exception>
    public static void Validate(OnnxExportOptions options)
    {
        if (!Enum.IsDefined(options.Quantization))
            throw new ArgumentOutOfRangeException(
                nameof(options.Quantization), options.Quantization, "OnnxExportOptions.Quantization must be a known quantization.");
    }

    /// <summary>Writes the encoder into a file, and weights that are too large for one into a second beside it.</summary>
    /// <exception cref="IOException">A file could not be written; names it.</exception>
    public static void Write(EncoderModel model, string file, OnnxExportOptions options)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var graph = Build(model, options.Quantization);
        string data = file + DataSuffix;
        if (graph.WeightBytes <= options.LargestFile)
        {
            AtomicFile.Write(file, stream => graph.Write(stream));
            FileReplacement.Delete(data);                               // of a larger model that this one replaces
            return;
        }
        // Without its weights the model is small. An older one goes before its weights do: it must never read those of another.
        using var small = new MemoryStream();
        AtomicFile.Write(data, weights =>
        {
            graph.Write(small, weights, Path.GetFileName(data));
            FileReplacement.Delete(file);
        });
        try
        {
            AtomicFile.Write(file, stream => small.WriteTo(stream));
        }
        catch
        {
            FileReplacement.Delete(data);
            throw;
        }
    }

    /// <summary>Writes the encoder among a model's files in memory, which hold it as one file.</summary>
    /// <exception cref="NotSupportedException">The weights are too large for one file.</exception>
    public static void WriteWhole(EncoderModel model, IModelFileSink sink)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var (options, graph) = (new OnnxExportOptions(), Build(model, OnnxQuantization.None));
        if (graph.WeightBytes > options.LargestFile)
            throw new NotSupportedException(
                $"The encoder has {graph.WeightBytes >> 20} MB of weights, too many for one ONNX file: save it as a folder with "
                + "SaveOptions.Onnx, and use the folder with OnnxSentenceEncoder.Load and ApplySentenceEncoder.");
        sink.Write(options.File, stream => graph.Write(stream));
    }

    /// <summary>Writes the encoder among a model's files, under the name that sentence-transformers looks for.</summary>
    public static void Write(EncoderModel model, IModelFileSink sink, OnnxExportOptions options)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradients = torch.no_grad();
        var graph = Build(model, options.Quantization);
        sink.Write(options.File, stream =>
        {
            if (graph.WeightBytes <= options.LargestFile) graph.Write(stream);
            else sink.Write(options.File + DataSuffix,
                weights => graph.Write(stream, weights, Path.GetFileName(options.File) + DataSuffix));
        });
    }

    /// <summary>Makes the graph.</summary>
    /// <param name="model">The encoder.</param>
    /// <param name="quantization">The number format of the products.</param>
    /// <returns>The graph; its weights belong to the caller's dispose scope, or are the model's own.</returns>
    public static OnnxGraph Build(EncoderModel model, OnnxQuantization quantization)
    {
        var graph = new OnnxGraph();
        var modules = new OnnxModules(graph, quantization);
        var ids = graph.Input("input_ids", DataType.Int64, Batch, Length);
        var mask = graph.Input("attention_mask", DataType.Int64, Batch, Length);
        OnnxValue? types = model.Network.ReadsTokenTypes ? graph.Input("token_type_ids", DataType.Int64, Batch, Length) : null;
        var tokens = OnnxTokens.Create(modules, ids, mask, types);
        var states = model.Network.Export(modules, tokens, model.ReadsLayer);
        var pooled = Pool(modules, model, states, tokens);
        for (int i = 0; i < model.Heads.Count; i++) pooled = model.Heads[i].Export(modules, $"heads.{i}", pooled);
        if (model.Normalize) pooled = Normalize(graph, pooled);
        graph.Output(states[^1], "token_embeddings", Batch, Length, Text(model.Network.HiddenSize));
        graph.Output(pooled, "sentence_embedding", Batch, Text(model.Dimensions));
        graph.Describe(OnnxMetadata.Quantization, quantization.ToString());
        graph.Describe(OnnxMetadata.Tokenizer, TokenizerProbe.Of(model.Tokenizer));
        return graph;
    }

    private static OnnxValue Pool(OnnxModules modules, EncoderModel model, IReadOnlyList<OnnxValue> states, OnnxTokens tokens)
    {
        var pooledMask = model.Prompts.Pooled ? tokens.Mask : WithoutPrompt(modules.Graph, tokens.Mask);
        return model.Pooling.Export(modules, states, pooledMask);
    }

    // The tokens of a prompt are left out of the pooling, but never the last token of a row: as TokenBatch does.
    private static OnnxValue WithoutPrompt(OnnxGraph graph, OnnxValue mask)
    {
        var length = graph.OptionalInput("prompt_length", 0);
        var one = graph.Integer(1);
        var last = graph.Add("Sub", [graph.Add("ReduceSum", [mask, graph.Integers(1)], ("keepdims", 1L)), one]);
        var place = graph.Add("Sub", [graph.Add("CumSum", [mask, one]), one]);
        var stays = graph.Add("GreaterOrEqual", [place, graph.Add("Min", [length, last])]);
        return graph.Add("Mul", [mask, graph.Add("Cast", [stays], ("to", (long)DataType.Int64))]);
    }

    private static OnnxValue Normalize(OnnxGraph graph, OnnxValue vectors)
    {
        var norm = graph.Add("ReduceL2", [vectors], ("axes", new long[] { 1 }), ("keepdims", 1L));
        return graph.Add("Div", [vectors, graph.Add("Max", [norm, graph.Number(1e-12f)])]);
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What the inputs of a graph say of the tokens.</summary>
/// <param name="Ids">Token ids, int64 (B, T).</param>
/// <param name="Mask">1 for tokens, 0 for padding, int64 (B, T).</param>
/// <param name="Types">Token types, int64 (B, T); null for a model without.</param>
/// <param name="Length">T, int64 (1).</param>
/// <param name="ScoreMask">What is added to the attention scores: 0 for tokens, the smallest number for padding, (B, 1, 1, T).</param>
internal sealed record OnnxTokens(OnnxValue Ids, OnnxValue Mask, OnnxValue? Types, OnnxValue Length, OnnxValue ScoreMask)
{
    /// <summary>Derives the rest from the inputs.</summary>
    public static OnnxTokens Create(OnnxModules modules, OnnxValue ids, OnnxValue mask, OnnxValue? types)
    {
        var graph = modules.Graph;
        var length = graph.Add("Gather", [graph.Add("Shape", [ids]), graph.Integers(1)]);
        // In the order in which PyTorch's BERT is exported, which ONNX Runtime recognises.
        var seen = graph.Add("Unsqueeze", [graph.Add("Unsqueeze", [mask, graph.Integers(1)]), graph.Integers(2)]);
        var hidden = graph.Add("Sub", [graph.Number(1), modules.Cast(seen, DataType.Float)]);
        return new(ids, mask, types, length, graph.Add("Mul", [hidden, graph.Number(float.MinValue)]));
    }

    /// <summary>0, 1, ... T - 1, int64 (T).</summary>
    public OnnxValue Places(OnnxGraph graph)
        => graph.Add("Range", [graph.Integer(0), graph.Add("Squeeze", [Length, graph.Integers(0)]), graph.Integer(1)]);
}
