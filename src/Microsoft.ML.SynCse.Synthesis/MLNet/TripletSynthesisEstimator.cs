using Microsoft.Extensions.AI;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis;
using Microsoft.ML.SynCse.Synthesis.MLNet;

namespace Microsoft.ML.SynCse;

/// <summary>
/// Adds columns of positives and hard negatives that a language model writes. Made by <c>mlContext.Transforms.SynthesizeTriplets</c>.
/// </summary>
/// <remarks>
/// The transformers that one estimator fits share its journal, also a temporary one: the folds of a cross-validation pay for a sentence
/// once. A temporary journal is gone when the last of them is disposed. An instance may fit from several threads at a time.
/// </remarks>
public sealed class TripletSynthesisEstimator : IEstimator<TripletSynthesisTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly IHost _host;
    private readonly SynthesisModelHeader _header;
    private readonly SharedEngine _engine;

    internal TripletSynthesisEstimator(IHostEnvironment environment, string inputColumn, string positiveColumn, string negativeColumn,
        IChatClient client, TripletSynthesisOptions? options)
    {
        if (positiveColumn == negativeColumn)
            throw new ArgumentException($"The positives and the hard negatives cannot both go into the column '{positiveColumn}'.",
                "negativeColumnName");
        options ??= new();
        options.Validate();
        _environment = environment;
        _host = environment.Register(nameof(TripletSynthesisEstimator));
        _engine = new SharedEngine(client, options);
        _header = new()
        {
            InputColumn = inputColumn,
            PositiveColumn = positiveColumn,
            NegativeColumn = negativeColumn,
            Options = SynthesisModelOptions.Of(options),
        };
    }

    /// <summary>
    /// The schema after this step: the positives' column is added, and the hard negatives' column if any are written. Text; a vector of
    /// Text if there are several for a sentence.
    /// </summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <returns>The shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException"> The input column is missing or is not text; the message names it and says what to do.
    /// </exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        TextColumns.Check(_host, inputSchema, TripletColumns.InputRole, _header.InputColumn);
        return TripletColumns.Of(_header.InputColumn, _header.PositiveColumn, _header.NegativeColumn, _engine.Options).AddTo(inputSchema);
    }

    /// <summary>Checks the input's schema; nothing is trained, no row is read and no request sent.</summary>
    /// <param name="input">The data.</param>
    /// <returns>A transformer with a journal, opened when the first text is read: dispose it, or the chain it is in.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or is not text.</exception>
    public TripletSynthesisTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TextColumns.Single(_host, input.Schema, TripletColumns.InputRole, _header.InputColumn);
        return new TripletSynthesisTransformer(_environment, _header, _engine.Join());
    }
}
