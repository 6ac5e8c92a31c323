using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;

[assembly: LoadableClass(
    typeof(SynCseEmbeddingTransformer), null, typeof(SignatureLoadModel), "SynCse sentence embedding",
    EmbeddingModelFormat.LoaderSignature)]

namespace Microsoft.ML.SynCse;

/// <summary>Puts the vector of a sentence into a new column: a vector of Single with <see cref="TextEncoder.Dimensions"/> values.</summary>
/// <remarks>
/// <para>It needs the input column only. An empty text is encoded like any other, the encoder's default prompt, if it has one, is put
/// before each text, and no row is left out. A column that is not read is not computed.</para>
/// <para>Made by <see cref="SynCseEmbeddingEstimator.Fit"/> or loaded from a file, it owns its encoder, and disposing it disposes the
/// encoder. <c>PredictionEngine.Dispose()</c> disposes the model it was made from, and so this transformer, unless
/// <c>PredictionEngineOptions.OwnsTransformer</c> is false.</para>
/// <para>A saved model is loaded in the precision in which it was saved (<see cref="SentenceEncoder.Precision"/>). On a machine that does
/// not support it the load throws, unless <c>AppContext.SetSwitch("Microsoft.ML.SynCse.AllowPrecisionFallback", true)</c> was called: then
/// the model computes in float32, and <c>MLContext.Log</c> has a warning.</para>
/// <para>It may be used from several threads at once, as <see cref="TextEncoder.Encode"/> may. While a chain is fitted, the steps after
/// this one read its vectors from a cache, so each training row is encoded once; an <c>AppendCacheCheckpoint</c> after it only costs
/// memory.</para>
/// </remarks>
public sealed class SynCseEmbeddingTransformer : TextEncoderTransformer
{
    internal SynCseEmbeddingTransformer(
        IHostEnvironment environment, string outputColumn, string inputColumn, SentenceEncoder encoder, bool ownsEncoder,
        TrainingSummary? training, SynthesisReport? synthesis = null)
        : base(environment, nameof(SynCseEmbeddingTransformer), outputColumn, inputColumn, encoder, ownsEncoder)
        => (Encoder, Training, Synthesis) = (encoder, training, synthesis);

    /// <summary>A transformer over a caller's encoder, in the context's environment; for tests of the format.</summary>
    internal static SynCseEmbeddingTransformer Of(MLContext mlContext, string outputColumn, string inputColumn, SentenceEncoder encoder)
        => new(MLNetEnvironment.Of(mlContext), outputColumn, inputColumn, encoder, ownsEncoder: false, training: null);

    /// <summary>The encoder.</summary>
    public new SentenceEncoder Encoder { get; }

    /// <summary>The training that made the encoder, in figures; null in a model of an earlier version whose encoder was applied as it
    /// is.</summary>
    public TrainingSummary? Training { get; }

    /// <summary>The figures of the synthesis that wrote the training examples; null if the examples came from columns.</summary>
    public SynthesisReport? Synthesis { get; }

    private protected override void SaveModel(ModelSaveContext ctx)
        => EmbeddingModelFormat.Save(ctx, OutputColumnName, InputColumnName, Encoder, Training, Synthesis);

    // ML.NET's loader finds this method by its name and signature.
    private static SynCseEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.EnsureCompatible();
        return EmbeddingModelFormat.Load(env, ctx);
    }
}
