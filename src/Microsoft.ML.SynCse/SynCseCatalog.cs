using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;

namespace Microsoft.ML;

/// <summary>What the package SynCse adds to ML.NET's catalogs: a sentence embedding that is tuned to the data.</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
public static class SynCseCatalog
{
    /// <summary>Tunes a sentence encoder on the columns given and puts each sentence's vector into a new column.</summary>
    /// <remarks>
    /// Anchor, positive and negative: triplets. Anchor and positive: pairs. The anchor alone: unsupervised SimCSE. The mode is logged to
    /// <c>MLContext.Log</c>. Each column is Text, or a vector of Text of known size: several positives or negatives of an anchor. Scoring
    /// needs the input column only.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The anchor: the column that is encoded. Default: null, the same as
    /// <paramref name="outputColumnName"/>.</param>
    /// <param name="positiveColumnName">Sentences with the anchor's meaning. Default: none.</param>
    /// <param name="negativeColumnName">Hard negatives: alike in words, different in meaning. Default: none. Needs a positive
    /// column.</param>
    /// <param name="options">The start encoder and the settings of the training. Default: the default encoder and default settings.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty, or there is a negative column without a positive one.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work
    /// with.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negative")
    ///     .Append(mlContext.Clustering.Trainers.KMeans(numberOfClusters: 8));
    /// </code></example>
    public static SynCseEmbeddingEstimator SynCseEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null,
        string? positiveColumnName = null, string? negativeColumnName = null, SynCseEmbeddingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        return new(MLNetEnvironment.Of(catalog), outputColumnName,
            new TrainingRows(inputColumnName ?? outputColumnName, positiveColumnName, negativeColumnName), options);
    }

    /// <summary>SynCSE in one step: a language model writes a positive and a hard negative for every sentence of the column, they are
    /// checked, and a sentence encoder is tuned on them.</summary>
    /// <remarks>
    /// Everything that can be checked beforehand (columns, options, torch) is checked before the first request. Rejected sentences are left
    /// out, counted and logged to <c>MLContext.Log</c>; a part of the triplets is held out to measure whether the encoder became better.
    /// Scoring needs the input column only and never calls the client.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The column of sentences: Text, or a vector of one Text.</param>
    /// <param name="chatClient">The language model, used by <c>Fit</c> alone; it stays the caller's. Give one without retries of its own:
    /// see <see cref="TripletSynthesizer"/>.</param>
    /// <param name="options">The start encoder and the settings of synthesis and training. Default: the default encoder and default
    /// settings. Its <see cref="SynCseEmbeddingOptions.Synthesis"/> should name a journal, so that nothing is paid for twice.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work
    /// with.</exception>
    /// <example><code>
    /// var options = new SynCseEmbeddingOptions { Synthesis = new() { JournalPath = "triplets.journal" } };
    /// var pipeline = mlContext.Transforms.SynCseEmbedding("Features", "Text", chatClient, options)
    ///     .Append(mlContext.Clustering.Trainers.KMeans(numberOfClusters: 8));
    /// </code></example>
    public static SynCseEmbeddingEstimator SynCseEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, IChatClient chatClient,
        SynCseEmbeddingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(chatClient);
        return new(MLNetEnvironment.Of(catalog), outputColumnName, new TrainingRows(inputColumnName, null, null), options, chatClient);
    }
}
