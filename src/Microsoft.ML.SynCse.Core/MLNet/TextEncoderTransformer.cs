using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;

[assembly: LoadableClass(
    typeof(TextEncoderTransformer), null, typeof(SignatureLoadModel), "Text encoder", TextEncoderFormat.LoaderSignature)]

namespace Microsoft.ML.SynCse;

/// <summary>Adds the vector of each sentence as a new column: a vector of Single of <see cref="TextEncoder.Dimensions"/> numbers.</summary>
/// <remarks>
/// <para>It reads the input column only. An empty text is encoded like any other, after the encoder's default prompt where it has one; no
/// row is left out. The vectors are computed only when the column is read.</para>
/// <para>Loaded from a file, it owns its encoder, and <see cref="Dispose"/> disposes both. Over an encoder that a caller gave to
/// <c>ApplySentenceEncoder</c>, the encoder stays the caller's. <c>PredictionEngine.Dispose()</c> disposes the model it was made from, and
/// so this transformer, unless <c>PredictionEngineOptions.OwnsTransformer</c> is false.</para>
/// <para>Safe from several threads, as <see cref="TextEncoder.Encode"/> is. While a chain is fitted, the later steps read its vectors from
/// a cache, so that each training row is encoded once; an <c>AppendCacheCheckpoint</c> after it only costs memory.</para>
/// </remarks>
public class TextEncoderTransformer : RowToRowTransformerBase, ITransformerWithDifferentMappingAtTrainingTime, ITransformer, IDisposable
{
    /// <summary>What messages call the column that is encoded.</summary>
    internal const string InputRole = "input";

    /// <summary>The end of the message of a transformer that was disposed with its owner.</summary>
    internal const string OwnerHint
        = "PredictionEngine.Dispose() disposes the model that it was made from, unless PredictionEngineOptions.OwnsTransformer is false.";

    private readonly bool _ownsEncoder;

    internal TextEncoderTransformer(
        IHostEnvironment environment, string name, string outputColumn, string inputColumn, TextEncoder encoder, bool ownsEncoder)
        : base(environment.Register(name))
        => (OutputColumnName, InputColumnName, Encoder, _ownsEncoder) = (outputColumn, inputColumn, encoder, ownsEncoder);

    /// <summary>The encoder.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>The column that is added.</summary>
    internal string OutputColumnName { get; }

    /// <summary>The column that is encoded.</summary>
    internal string InputColumnName { get; }

    /// <summary>A view of the data with the vector column. Sentences are encoded in batches, when their vectors are read.</summary>
    /// <param name="input">The data; only the input column is needed.</param>
    /// <returns>The view.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text; the message names it and says what to
    /// do.</exception>
    public new IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var column = TextColumns.Single(Host, input.Schema, InputRole, InputColumnName);
        return new BatchedEmbeddingView(Host, input, column, OutputColumn(), Encode);
    }

    /// <summary>Disposes the encoder if this transformer owns it; waits for a running Encode. A second call does nothing.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (!_ownsEncoder) return;
        string column = $"column '{InputColumnName}' -> '{OutputColumnName}'";
        Encoder.DisposeWith($"with the ML.NET model that owns it ({column}). {OwnerHint}".TrimEnd('.'));
    }

    /// <summary>What a chain fits its next estimator on: a cache, because a trainer may read its input a hundred times. It keeps only the
    /// columns that are read.</summary>
    IDataView ITransformerWithDifferentMappingAtTrainingTime.TransformForTrainingPipeline(IDataView input)
        => TrainingCache.Over(Host, Transform(input), $"The vectors in '{OutputColumnName}' are not cached", "encodes it as often");

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private protected override void SaveModel(ModelSaveContext ctx) => TextEncoderFormat.Save(ctx, this);

    // ML.NET's loader finds this method by its name and signature.
    private static TextEncoderTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        MLNetCompatibility.EnsureCompatible();
        return TextEncoderFormat.Load(env, ctx);
    }

    private DataViewSchema.DetachedColumn OutputColumn()
        => EmbeddingSchema.Column(OutputColumnName, Encoder.Dimensions, Encoder.Normalized);

    private float[][] Encode(IReadOnlyList<string> texts) => Encoder.Encode(texts);

    /// <summary>One row at a time, as PredictionEngine reads it.</summary>
    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly TextEncoderTransformer _parent;
        private readonly DataViewSchema.Column _input;

        public Mapper(TextEncoderTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), schema, parent)
        {
            _parent = parent;
            _input = TextColumns.Single(Host, schema, InputRole, parent.InputColumnName);
        }

        bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => throw OnnxRefusal.Embedding();

        void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => throw OnnxRefusal.Embedding();

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => [_parent.OutputColumn()];

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            var read = TextColumns.SingleReader(input, input.Schema[_input.Index]);
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value)
                => EmbeddingVector.Copy(_parent.Encode([read()])[0], ref value));
        }

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) => column
            => activeOutput(0) && column == _input.Index;

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
