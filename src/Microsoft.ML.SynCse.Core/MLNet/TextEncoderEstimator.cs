using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse;

/// <summary>Adds the vectors of an encoder, as it is, as a new column. Made by <c>mlContext.Transforms.ApplySentenceEncoder</c>.</summary>
/// <remarks>Safe from several threads, as the encoder is.</remarks>
public sealed class TextEncoderEstimator : IEstimator<TextEncoderTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly string _outputColumn;
    private readonly string _inputColumn;
    private readonly TextEncoder _encoder;

    internal TextEncoderEstimator(IHostEnvironment environment, string outputColumn, string inputColumn, TextEncoder encoder)
    {
        (_environment, _outputColumn, _inputColumn, _encoder) = (environment, outputColumn, inputColumn, encoder);
        _host = environment.Register(nameof(TextEncoderEstimator));
    }

    /// <summary>The schema after this step: a vector of Single is added under the output column's name.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <returns>The shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text; the message names it and says what to
    /// do.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumns.Check(_host, inputSchema, TextEncoderTransformer.InputRole, _inputColumn);
        return EmbeddingSchema.AddTo(inputSchema, _outputColumn, _encoder.Normalized);
    }

    /// <summary>Checks the input's schema; there is nothing to train, and no row is read.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A transformer over the encoder, which stays the caller's: disposing the transformer does not dispose it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text.</exception>
    public TextEncoderTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextColumns.Single(_host, input.Schema, TextEncoderTransformer.InputRole, _inputColumn);
        return new TextEncoderTransformer(
            _environment, nameof(TextEncoderTransformer), _outputColumn, _inputColumn, _encoder, ownsEncoder: false);
    }
}
