using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;

[assembly: LoadableClass(typeof(SynCseEmbeddingTransformer), null, typeof(SignatureLoadModel), "SynCse sentence embedding", EmbeddingModelFormat.LoaderSignature)]

namespace Microsoft.ML.SynCse;

/// <summary>Puts a sentence's vector into a new column: a vector of Single of <see cref="SentenceEncoder.Dimensions"/> numbers.</summary>
/// <remarks>
/// <para>Needs the input column only. An empty text is encoded like any other, and the encoder's default prompt, where it has one, stands before each; no row is ever left out. A column nobody reads is not computed.</para>
/// <para>Made by <c>Fit</c> of <see cref="SynCseEmbeddingEstimator"/> or loaded from a file, it owns its encoder and <see cref="Dispose"/> ends both;
/// over a caller's encoder (<see cref="SentenceEncoderEstimator"/>) the encoder stays the caller's. <c>PredictionEngine.Dispose()</c> disposes the model it was made
/// from, and so this, unless <c>PredictionEngineOptions.OwnsTransformer</c> is false.</para>
/// <para>A saved model is loaded in the precision it was saved in (<see cref="SentenceEncoder.Precision"/>). A machine that lacks it
/// refuses the load, unless <c>AppContext.SetSwitch("Microsoft.ML.SynCse.AllowPrecisionFallback", true)</c> was called: then it computes
/// in float32, and <c>MLContext.Log</c> has a warning.</para>
/// <para>Safe from several threads as <see cref="SentenceEncoder.Encode"/> is. While a chain is fitted, the steps after this one read its vectors from a cache,
/// so that each training row is encoded once; a further <c>AppendCacheCheckpoint</c> after it only costs memory.</para>
/// </remarks>
public sealed class SynCseEmbeddingTransformer : TextEncoderTransformer
{
    internal SynCseEmbeddingTransformer(
        IHostEnvironment environment, string outputColumn, string inputColumn, SentenceEncoder encoder, bool ownsEncoder, TrainingSummary? training, SynthesisReport? synthesis = null)
        : base(environment, nameof(SynCseEmbeddingTransformer), outputColumn, inputColumn, encoder, ownsEncoder)
        => (Encoder, Training, Synthesis) = (encoder, training, synthesis);

    /// <summary>A transformer over a caller's encoder, in the context's environment; for tests of the format.</summary>
    internal static SynCseEmbeddingTransformer Of(MLContext mlContext, string outputColumn, string inputColumn, SentenceEncoder encoder)
        => new(MLNetEnvironment.Of(mlContext), outputColumn, inputColumn, encoder, ownsEncoder: false, training: null);

    /// <summary>The encoder.</summary>
    public new SentenceEncoder Encoder { get; }

    /// <summary>The training that made the encoder, in figures; null in a model of an earlier version whose encoder was applied as it is.</summary>
    public TrainingSummary? Training { get; }

    /// <summary>The synthesis that wrote the training examples, in figures; null where the examples came from columns.</summary>
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
