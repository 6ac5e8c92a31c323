using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML;

/// <summary>What the package SynCse.Core adds to ML.NET's catalogs: any text encoder as a step, its evaluation, and models in whole
/// files.</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
public static class SynCseCoreCatalog
{
    /// <summary>Puts the vectors of an encoder, as it is, into a new column; nothing is trained.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The column to encode. Null: the same as <paramref name="outputColumnName"/>.</param>
    /// <param name="encoder">The encoder. It stays the caller's, who keeps it alive while the transformer is used and disposes it
    /// afterwards.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work
    /// with.</exception>
    public static TextEncoderEstimator ApplySentenceEncoder(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, TextEncoder encoder)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentNullException.ThrowIfNull(encoder);
        return new(MLNetEnvironment.Of(catalog), outputColumnName, inputColumnName ?? outputColumnName, encoder);
    }

    /// <summary>How well the cosines of two vector columns agree with people's scores.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="data">Scored pairs, with their vectors.</param>
    /// <param name="labelColumnName">The scores: a number, of any scale.</param>
    /// <param name="leftColumnName">The vectors of the pairs' first sentences: Single, of known size.</param>
    /// <param name="rightColumnName">The vectors of their second sentences, of the same size.</param>
    /// <returns>Spearman's and Pearson's correlation over all pairs together.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two pairs, or a score is not a number.</exception>
    public static SentenceSimilarityMetrics EvaluateSentenceSimilarity(this MLContext mlContext, IDataView data,
        string labelColumnName = "Label", string leftColumnName = "Left", string rightColumnName = "Right")
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(data);
        return ScoredVectorPairs.Evaluate(MLNetEnvironment.Of(mlContext), data, labelColumnName, leftColumnName, rightColumnName);
    }

    /// <summary>Saves a model as <see cref="ModelOperationsCatalog.Save(ITransformer, DataViewSchema, string)"/> does, but writes a
    /// temporary file and then replaces the target with it, so the target is never incomplete.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="model">The model; any transformer, with or without a SynCse embedding in it.</param>
    /// <param name="inputSchema">The schema of the model's input; null where it is not to be saved.</param>
    /// <param name="filePath">The file to write; one that is there is replaced.</param>
    /// <exception cref="IOException">The file cannot be written in full; the message names it.</exception>
    public static void SaveAtomically(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string filePath)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        ModelFile.Save(catalog, model, inputSchema, filePath);
    }

    /// <summary>Loads a model as <see cref="ModelOperationsCatalog.Load(string, out DataViewSchema)"/> does, but says in one error which
    /// file does not load and why, where ML.NET wraps the reason once for each link of the chain.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="filePath">The file.</param>
    /// <param name="inputSchema">Receives the schema of the model's input; null where it was not saved.</param>
    /// <returns>The model; dispose it (where it is disposable) to free its encoders.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, no model, or written by a later version.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run here: no native torch library loads, or the GPU asked for is not
    /// there.</exception>
    public static ITransformer LoadWithDiagnostics(this ModelOperationsCatalog catalog, string filePath, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        return ModelFile.Load(catalog, filePath, out inputSchema);
    }
}
