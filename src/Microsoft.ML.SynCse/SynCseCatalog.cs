using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse;

namespace Microsoft.ML;

/// <summary>The sentence embeddings of Microsoft.ML.SynCse in ML.NET's catalogs.</summary>
public static class SynCseCatalog
{
    /// <summary>Tunes a sentence encoder on the columns given and puts each sentence's vector into a new column.</summary>
    /// <remarks>
    /// Anchor, positive and negative: triplets. Anchor and positive: pairs. The anchor alone: unsupervised SimCSE. The mode is told to <c>MLContext.Log</c>.
    /// Each column is Text, or a vector of Text of known size: several positives or negatives of an anchor. Scoring needs the input column only.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The anchor: the column that is encoded. Default: null, the same as <paramref name="outputColumnName"/>.</param>
    /// <param name="positiveColumnName">Sentences with the anchor's meaning. Default: none.</param>
    /// <param name="negativeColumnName">Hard negatives: alike in words, different in meaning. Default: none. Needs a positive column.</param>
    /// <param name="options">The start encoder and the settings of the training. Default: the default encoder and default settings.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty, or there is a negative column without a positive one.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work with.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.SynCseEmbedding("Features", "Anchor", "Positive", "Negative")
    ///     .Append(mlContext.Clustering.Trainers.KMeans(numberOfClusters: 8));
    /// </code></example>
    public static SynCseEmbeddingEstimator SynCseEmbedding(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null,
        string? positiveColumnName = null, string? negativeColumnName = null, SynCseEmbeddingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        return new(MLNetEnvironment.Of(catalog), outputColumnName, new TrainingRows(inputColumnName ?? outputColumnName, positiveColumnName, negativeColumnName), options);
    }

    /// <summary>SynCSE in one step: a language model writes a positive and a hard negative for every sentence of the column, they are checked, and a sentence encoder is tuned on them.</summary>
    /// <remarks>
    /// Everything that can be checked beforehand (columns, options, torch) is checked before the first request. Rejected sentences are left out, counted and told to <c>MLContext.Log</c>;
    /// a part of the triplets is held out to measure whether the encoder became better. Scoring needs the input column only and never calls the client.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The column of sentences: Text, or a vector of one Text.</param>
    /// <param name="chatClient">The language model, used by <c>Fit</c> alone; it stays the caller's. Give one without retries of its own: see <see cref="TripletSynthesizer"/>.</param>
    /// <param name="options">The start encoder and the settings of synthesis and training. Default: the default encoder and default settings. Its <see cref="SynCseEmbeddingOptions.Synthesis"/>
    /// should name a journal, so that nothing is paid for twice.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work with.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.SynCseEmbedding("Features", "Text", chatClient, new() { Synthesis = new() { JournalPath = "triplets.journal" } })
    ///     .Append(mlContext.Clustering.Trainers.KMeans(numberOfClusters: 8));
    /// </code></example>
    public static SynCseEmbeddingEstimator SynCseEmbedding(this TransformsCatalog catalog, string outputColumnName, string inputColumnName, IChatClient chatClient, SynCseEmbeddingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(chatClient);
        return new(MLNetEnvironment.Of(catalog), outputColumnName, new TrainingRows(inputColumnName, null, null), options, chatClient);
    }

    /// <summary>Adds columns of positives and hard negatives that a language model writes for a column of sentences (SynCSE-partial).</summary>
    /// <remarks>
    /// Nothing is sent by <c>Fit</c> or <c>Transform</c>: only reading a value of the new columns sends requests, and a journal (<see cref="TripletSynthesisOptions.JournalPath"/>, or a temporary one)
    /// gives the same texts again whenever the data is read again. So the step may stay in a scoring pipeline: a reader of other columns never calls the client.
    /// A sentence that was rejected in the end has empty texts.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="chatClient">The language model; it stays the caller's and is not saved. Give one without retries of its own: see <see cref="TripletSynthesizer"/>.</param>
    /// <param name="inputColumnName">The column of sentences: Text, or a vector of one Text.</param>
    /// <param name="positiveColumnName">The column of positives to add: Text, or a vector of Text of <see cref="TripletSynthesisOptions.PositivesPerSentence"/>; a column of that name is replaced. Default: Positive.</param>
    /// <param name="negativeColumnName">The column of hard negatives, likewise; not added where <see cref="TripletSynthesisOptions.NegativesPerSentence"/> is 0. Default: Negative.</param>
    /// <param name="options">The settings. Default: those of <see cref="TripletSynthesisOptions"/>.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty, both columns have one name, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work with.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.SynthesizeTriplets(chatClient, "Text", options: new() { JournalPath = "triplets.journal" })
    ///     .Append(mlContext.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative"));
    /// </code></example>
    public static TripletSynthesisEstimator SynthesizeTriplets(this TransformsCatalog catalog, IChatClient chatClient, string inputColumnName,
        string positiveColumnName = "Positive", string negativeColumnName = "Negative", TripletSynthesisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(positiveColumnName);
        ArgumentException.ThrowIfNullOrEmpty(negativeColumnName);
        return new(MLNetEnvironment.Of(catalog), inputColumnName, positiveColumnName, negativeColumnName, chatClient, options);
    }

    /// <summary>Has a language model write sentences and their triplets from nothing (SynCSE-scratch).</summary>
    /// <remarks>Fewer than <paramref name="count"/> come where the model brings too little that is new (<see cref="ScratchSynthesisOptions.MinYield"/>); a warning in <c>MLContext.Log</c> then says so.</remarks>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="chatClient">The language model; it stays the caller's. Give one without retries of its own: see <see cref="TripletSynthesizer"/>.</param>
    /// <param name="count">Triplets to end with; at least 1.</param>
    /// <param name="options">The settings. Default: those of <see cref="ScratchSynthesisOptions"/>.</param>
    /// <param name="cancellationToken">Ends the run within a second; what was read is in the journal, if one is named.</param>
    /// <returns>The triplets, in memory: Text columns Anchor, Positive, Negative (a vector of Text where there are several; no column where there are none), Genre, Topic.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="SynthesisStoppedException">The run cannot go on: a limit, the provider, or nothing but rejections. What it had is in the journal, see <see cref="LoadTriplets"/>.</exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, or no journal.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static Task<IDataView> SynthesizeTripletsAsync(this DataOperationsCatalog catalog, IChatClient chatClient, int count, ScratchSynthesisOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return TripletTable.WriteAsync(MLNetEnvironment.Of(catalog), chatClient, count, options ?? new(), cancellationToken);
    }

    /// <summary>The accepted triplets of a synthesis journal, in the order of their places in the input.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="journalPath">The journal's file.</param>
    /// <returns>The triplets, in memory: Text columns Anchor, Positive, Negative (a vector of Text where there are several; no column where there are none), Genre, Topic (empty for sentences that were given).</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, or no journal; or its sentences do not all have as many texts.</exception>
    public static IDataView LoadTriplets(this DataOperationsCatalog catalog, string journalPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(journalPath);
        var environment = MLNetEnvironment.Of(catalog);
        return BlockingBridge.Run(environment, token => TripletTable.ReadAsync(environment, journalPath, token));
    }

    /// <summary>Gives a chat client to every step of a loaded model that needs one (<see cref="SynthesizeTriplets"/>): a model file never holds a client or a key.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="model">The model; chains inside chains are searched.</param>
    /// <param name="chatClient">The language model; it stays the caller's.</param>
    /// <param name="configure">Completes each step's options, see <see cref="TripletSynthesisTransformer.UseChatClient"/>. Default: null, the options that were saved.</param>
    /// <exception cref="ArgumentException">The model has no such step, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">A step was made with rules of one's own, pair checks or <see cref="TripletSynthesisOptions.Redact"/>, and these options lack them.</exception>
    public static void UseChatClient(this ModelOperationsCatalog catalog, ITransformer model, IChatClient chatClient, Func<TripletSynthesisOptions, TripletSynthesisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chatClient);
        SynthesisSteps.UseChatClient(model, chatClient, configure);
    }

    /// <summary>Puts the vectors of an encoder, as it is, into a new column; nothing is trained.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The vector column to add; a column of that name is replaced.</param>
    /// <param name="inputColumnName">The column to encode. Null: the same as <paramref name="outputColumnName"/>.</param>
    /// <param name="encoder">The encoder. It stays the caller's, who keeps it alive while the transformer is used and disposes it afterwards.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <exception cref="InvalidOperationException">The Microsoft.ML that is referenced is not one that this version can work with.</exception>
    public static SentenceEncoderEstimator ApplySentenceEncoder(this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, SentenceEncoder encoder)
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

    /// <summary>Saves a model as <see cref="ModelOperationsCatalog.Save(ITransformer, DataViewSchema, string)"/> does, but writes beside the target and renames: the file is whole, or as it was before.</summary>
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

    /// <summary>Loads a model as <see cref="ModelOperationsCatalog.Load(string, out DataViewSchema)"/> does, but says in one error which file does not load and why, where ML.NET wraps the reason once for each link of the chain.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="filePath">The file.</param>
    /// <param name="inputSchema">Receives the schema of the model's input; null where it was not saved.</param>
    /// <returns>The model; dispose it (where it is disposable) to free its encoders.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, no model, or written by a later version.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run here: no native torch library loads, or the GPU asked for is not there.</exception>
    public static ITransformer LoadOrExplain(this ModelOperationsCatalog catalog, string filePath, out DataViewSchema? inputSchema)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(filePath);
        return ModelFile.Load(catalog, filePath, out inputSchema);
    }
}
