using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse;

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
public sealed class SynCseEmbeddingTransformer : RowToRowTransformerBase, ITransformerWithDifferentMappingAtTrainingTime, ITransformer, IDisposable
{
    /// <summary>What messages call the column that is encoded.</summary>
    internal const string InputRole = "input";

    private readonly string _outputColumn;
    private readonly string _inputColumn;
    private readonly bool _ownsEncoder;

    internal SynCseEmbeddingTransformer(IHostEnvironment environment, string outputColumn, string inputColumn, SentenceEncoder encoder, bool ownsEncoder, TrainingSummary? training,
        SynthesisReport? synthesis = null)
        : base(environment.Register(nameof(SynCseEmbeddingTransformer)))
    {
        (_outputColumn, _inputColumn, Encoder, _ownsEncoder, Training, Synthesis) = (outputColumn, inputColumn, encoder, ownsEncoder, training, synthesis);
    }

    /// <summary>The encoder.</summary>
    public SentenceEncoder Encoder { get; }

    /// <summary>The training that made the encoder, in figures; null over an encoder that was applied as it is.</summary>
    public TrainingSummary? Training { get; }

    /// <summary>The synthesis that wrote what the encoder was trained on, in figures; null where the examples came from columns, or nothing was trained.</summary>
    public SynthesisReport? Synthesis { get; }

    /// <summary>A view of the data with the vector column; nothing is encoded before a row's vector is read, then in batches.</summary>
    /// <param name="input">The data; only the input column is needed.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text; the message names it and says what to do.</exception>
    public new IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = TextColumns.Single(Host, input.Schema, InputRole, _inputColumn);
        return new BatchedEmbeddingView(Host, input, column, OutputColumn(), Encode);
    }

    /// <summary>Disposes the encoder where this transformer owns it; waits for a running Encode. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!_ownsEncoder) return;
        string column = $"column '{_inputColumn}' -> '{_outputColumn}'";
        Encoder.DisposeWith($"with the ML.NET model that owns it ({column}). {DisposedStep.OwnerHint}".TrimEnd('.'));
    }

    /// <summary>What a chain fits its next estimator on. A trainer may read it a hundred times and more; the cache keeps the columns that are read, and nothing else.</summary>
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input)
        => TrainingCache.Over(Host, Transform(input), $"The vectors in '{_outputColumn}' are not cached", "encodes it as often");

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx) => EmbeddingModelFormat.Save(ctx, _outputColumn, _inputColumn, Encoder, Training, Synthesis);

    // ML.NET's loader finds this method by its name and signature.
    private static SynCseEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetSeamCheck.EnsureCompatible();
        return EmbeddingModelFormat.Load(env, ctx);
    }

    private DataViewSchema.DetachedColumn OutputColumn() => EmbeddingSchema.Column(_outputColumn, Encoder.Dimensions, Encoder.Normalized);

    private float[][] Encode(IReadOnlyList<string> texts) => Encoder.Encode(texts);

    /// <summary>One row at a time, as PredictionEngine reads it.</summary>
    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly SynCseEmbeddingTransformer _parent;
        private readonly DataViewSchema.Column _input;

        public Mapper(SynCseEmbeddingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), schema, parent)
        {
            _parent = parent;
            _input = TextColumns.Single(Host, schema, InputRole, parent._inputColumn);
        }

        bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw OnnxRefusal.Embedding();

        void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw OnnxRefusal.Embedding();

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => [_parent.OutputColumn()];

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            var read = TextColumns.SingleReader(input, input.Schema[_input.Index]);
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => EmbeddingVector.Copy(_parent.Encode([read()])[0], ref value));
        }

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) => column => activeOutput(0) && column == _input.Index;

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
