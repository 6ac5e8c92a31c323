using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Onnx.MLNet;

namespace Microsoft.ML;

/// <summary>What the package SynCse.Onnx adds to ML.NET's catalogs: models without TorchSharp.</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
public static class SynCseOnnxCatalog
{
    /// <summary>Replaces each sentence embedding that computes in TorchSharp by one that computes in ONNX Runtime, so that the model can be
    /// saved, loaded and used where only the package SynCse.Onnx is.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="model">The model: a chain, or an embedding alone. It is not changed, and its other steps are shared with the
    /// result.</param>
    /// <returns>The model with the replaced steps. Disposing it frees the new encoders, and disposes the other steps too, which it shares
    /// with <paramref name="model"/>: dispose only one of the two if another step is disposable.</returns>
    /// <exception cref="NotSupportedException">An encoder's weights are too large for one ONNX file (2 GB).</exception>
    /// <exception cref="InvalidOperationException">The model has no sentence embedding that computes in TorchSharp.</exception>
    /// <example><code>
    /// using var deployed = (IDisposable)mlContext.Model.ToOnnx(model);
    /// mlContext.Model.Save((ITransformer)deployed, data.Schema, "model.zip");
    /// </code></example>
    public static ITransformer ToOnnx(this ModelOperationsCatalog catalog, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        return OnnxReplacement.In(MLNetEnvironment.Of(catalog), model);
    }
}
