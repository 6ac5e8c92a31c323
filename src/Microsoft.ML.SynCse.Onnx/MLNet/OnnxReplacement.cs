using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Onnx.MLNet;

/// <summary>Puts an encoder over ONNX Runtime into the place of each encoder that can write itself as an ONNX model.</summary>
internal static class OnnxReplacement
{
    /// <summary>A model with the replaced steps; the other steps are shared with the one that is given.</summary>
    /// <exception cref="InvalidOperationException">There is no step to replace.</exception>
    public static ITransformer In(IHostEnvironment environment, ITransformer model)
    {
        var made = new List<TextEncoderTransformer>();
        try
        {
            var result = Replace(environment, model, made);
            return made.Count > 0 ? result : throw new InvalidOperationException(
                "The model has no sentence embedding that computes in TorchSharp, so there is nothing to replace.");
        }
        catch
        {
            foreach (var step in made) step.Dispose();
            throw;
        }
    }

    private static ITransformer Replace(IHostEnvironment environment, ITransformer model, List<TextEncoderTransformer> made)
    {
        switch (model)
        {
            case ITransformerChainAccessor chain:
                var steps = chain.Transformers.Select(step => Replace(environment, step, made)).ToArray();
                return new TransformerChain<ITransformer>(steps, chain.Scopes);
            case TextEncoderTransformer { Encoder: IOnnxExportable encoder } embedding:
                var files = new InMemoryFiles(embedding.Encoder.Card.Name ?? "the model's encoder");
                encoder.ExportOnnx(files);
                var replaced = new TextEncoderTransformer(
                    environment, nameof(TextEncoderTransformer), embedding.OutputColumnName, embedding.InputColumnName,
                    OnnxSentenceEncoder.Load(files, new(), embedding.Encoder.Card.Name), ownsEncoder: true);
                made.Add(replaced);
                return replaced;
            default:
                return model;
        }
    }
}
