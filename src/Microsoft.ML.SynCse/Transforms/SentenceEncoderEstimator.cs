using Microsoft.ML.Runtime;

namespace Microsoft.ML.SynCse;

/// <summary>Puts the vectors of an encoder, as it is, into a new column. Made by <see cref="SynCseCatalog.ApplySentenceEncoder"/>.</summary>
public sealed class SentenceEncoderEstimator : IEstimator<SynCseEmbeddingTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly string _outputColumn;
    private readonly string _inputColumn;
    private readonly SentenceEncoder _encoder;

    internal SentenceEncoderEstimator(IHostEnvironment environment, string outputColumn, string inputColumn, SentenceEncoder encoder)
    {
        (_environment, _outputColumn, _inputColumn, _encoder) = (environment, outputColumn, inputColumn, encoder);
        _host = environment.Register(nameof(SentenceEncoderEstimator));
    }

    /// <summary>The schema after this step: a vector of Single is added under the output column's name.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <returns>The shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text; the message names it and says what to do.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumns.Check(_host, inputSchema, SynCseEmbeddingTransformer.InputRole, _inputColumn);
        return EmbeddingSchema.AddTo(inputSchema, _outputColumn, _encoder.Normalized);
    }

    /// <summary>Checks the input's schema; there is nothing to train and no row is read.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A transformer over the encoder, which stays the caller's: disposing the transformer does not dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text.</exception>
    public SynCseEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextColumns.Single(_host, input.Schema, SynCseEmbeddingTransformer.InputRole, _inputColumn);
        return new SynCseEmbeddingTransformer(_environment, _outputColumn, _inputColumn, _encoder, ownsEncoder: false, training: null);
    }
}
