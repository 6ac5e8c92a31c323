using Microsoft.Extensions.AI;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Synthesis.MLNet;

namespace Microsoft.ML;

/// <summary>What the package SynCse.Synthesis adds to ML.NET's catalogs: a language model writes training triplets.</summary>
/// <remarks>The methods may be called from several threads at once.</remarks>
public static class SynCseSynthesisCatalog
{
    /// <summary>
    /// Adds columns of positives and hard negatives that a language model writes for a column of sentences (SynCSE-partial).
    /// </summary>
    /// <remarks>
    /// Nothing is sent by <c>Fit</c> or <c>Transform</c>: only reading a value of the new columns sends requests, and a journal
    /// (<see cref="TripletSynthesisOptions.JournalPath"/>, or a temporary one) gives the same texts again whenever the data is read again.
    /// So the step may stay in a scoring pipeline: a reader of other columns never calls the client. A sentence that was rejected in the
    /// end has empty texts.
    /// </remarks>
    /// <param name="catalog">The catalog.</param>
    /// <param name="positiveColumnName">
    /// The column of positives to add: Text, or a vector of Text of <see cref="TripletSynthesisOptions.PositivesPerSentence"/>; a column of
    /// that name is replaced.
    /// </param>
    /// <param name="negativeColumnName">
    /// The column of hard negatives, likewise; not added if <see cref="TripletSynthesisOptions.NegativesPerSentence"/> is 0.
    /// </param>
    /// <param name="inputColumnName">The column of sentences: Text, or a vector of one Text.</param>
    /// <param name="chatClient">
    /// The language model; it stays the caller's and is not saved. Give one without retries of its own: see
    /// <see cref="TripletSynthesizer"/>.
    /// </param>
    /// <param name="options">The settings. Default: those of <see cref="TripletSynthesisOptions"/>.</param>
    /// <returns>The estimator, to be appended to a chain or fitted alone.</returns>
    /// <exception cref="ArgumentException">A name is empty, both columns have one name, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">This version cannot work with the referenced Microsoft.ML.</exception>
    /// <example><code>
    /// var options = new TripletSynthesisOptions { JournalPath = "triplets.journal" };
    /// var pipeline = mlContext.Transforms.SynthesizeTriplets("Positive", "Negative", "Text", chatClient, options)
    ///     .Append(mlContext.Transforms.SynCseEmbedding("Features", "Text", "Positive", "Negative"));
    /// </code></example>
    public static TripletSynthesisEstimator SynthesizeTriplets(this TransformsCatalog catalog, string positiveColumnName,
        string negativeColumnName, string inputColumnName, IChatClient chatClient, TripletSynthesisOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(positiveColumnName);
        ArgumentException.ThrowIfNullOrEmpty(negativeColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(chatClient);
        return new(MLNetEnvironment.Of(catalog), inputColumnName, positiveColumnName, negativeColumnName, chatClient, options);
    }

    /// <summary>Adds the columns Positive and Negative that a language model writes for a column of sentences (SynCSE-partial).</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="inputColumnName">The column of sentences: Text, or a vector of one Text.</param>
    /// <param name="chatClient">
    /// The language model; it stays the caller's and is not saved. Give one without retries of its own: see
    /// <see cref="TripletSynthesizer"/>.
    /// </param>
    /// <param name="options">The settings. Default: those of <see cref="TripletSynthesisOptions"/>.</param>
    /// <inheritdoc cref="SynthesizeTriplets(TransformsCatalog, string, string, string, IChatClient, TripletSynthesisOptions?)"/>
    public static TripletSynthesisEstimator SynthesizeTriplets(
        this TransformsCatalog catalog, string inputColumnName, IChatClient chatClient, TripletSynthesisOptions? options = null)
        => catalog.SynthesizeTriplets("Positive", "Negative", inputColumnName, chatClient, options);

    /// <summary>Has a language model write sentences and their triplets from nothing (SynCSE-scratch).</summary>
    /// <remarks>
    /// Fewer than <paramref name="count"/> come if the model brings too little that is new
    /// (<see cref="ScratchSynthesisOptions.MinYield"/>); a warning in <c>MLContext.Log</c> then says so.
    /// </remarks>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="chatClient">
    /// The language model; it stays the caller's. Give one without retries of its own: see <see cref="TripletSynthesizer"/>.
    /// </param>
    /// <param name="count">Triplets to end with; at least 1.</param>
    /// <param name="options">The settings. Default: those of <see cref="ScratchSynthesisOptions"/>.</param>
    /// <param name="cancellationToken">Ends the run within a second; what was read is in the journal, if one is named.</param>
    /// <returns>
    /// The triplets, in memory: Text columns Anchor, Positive, Negative (a vector of Text if there are several; no column if there are
    /// none), Genre, Topic.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="SynthesisStoppedException"> The run cannot go on: a limit, the provider, or nothing but rejections. What it had is
    /// in the journal, see <see cref="LoadTriplets"/>.
    /// </exception>
    /// <exception cref="IOException">The journal is open in another process, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or is not a journal.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static Task<IDataView> SynthesizeTripletsAsync(this DataOperationsCatalog catalog, IChatClient chatClient, int count,
        ScratchSynthesisOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return TripletTable.WriteAsync(MLNetEnvironment.Of(catalog), chatClient, count, options ?? new(), cancellationToken);
    }

    /// <summary>The accepted triplets of a synthesis journal, in the order of their places in the input.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="journalPath">The journal's file.</param>
    /// <returns>
    /// The triplets, in memory: Text columns Anchor, Positive, Negative (a vector of Text if there are several; no column if there are
    /// none), Genre, Topic (empty for sentences that were given).
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The journal is open in another process.</exception>
    /// <exception cref="InvalidDataException"> The file is damaged or is not a journal; or its sentences do not all have as many texts.
    /// </exception>
    public static IDataView LoadTriplets(this DataOperationsCatalog catalog, string journalPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(journalPath);
        var environment = MLNetEnvironment.Of(catalog);
        return BlockingBridge.Run(environment, token => TripletTable.ReadAsync(environment, journalPath, token));
    }

    /// <summary>
    /// Gives a chat client to every step of a loaded model that needs one (<c>SynthesizeTriplets</c>): a model file never holds a client or
    /// a key.
    /// </summary>
    /// <param name="catalog">The catalog: <c>mlContext.Model</c>.</param>
    /// <param name="model">The model; chains inside chains are searched.</param>
    /// <param name="chatClient">The language model; it stays the caller's.</param>
    /// <param name="configure">
    /// Completes each step's options, see <see cref="TripletSynthesisTransformer.UseChatClient"/>. Default: null, the options that were
    /// saved.
    /// </param>
    /// <exception cref="ArgumentException">The model has no such step, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException"> A step was made with rules of one's own, pair checks or
    /// <see cref="TripletSynthesisOptions.Redact"/>, and these options lack them.
    /// </exception>
    public static void UseChatClient(this ModelOperationsCatalog catalog, ITransformer model, IChatClient chatClient,
        Func<TripletSynthesisOptions, TripletSynthesisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chatClient);
        TripletSynthesisTransformer[] steps = [.. Parts(model).OfType<TripletSynthesisTransformer>()];
        if (steps.Length == 0)
        {
            string seen = string.Join(", ", Parts(model).Select(t => t.GetType().Name.Split('`')[0]).Distinct());
            throw new ArgumentException(
                $"The model has no step that a chat client is used by (SynthesizeTriplets); it consists of: {seen}.", nameof(model));
        }
        foreach (var step in steps) step.UseChatClient(chatClient, configure);
    }

    // Chains inside chains too.
    private static IEnumerable<ITransformer> Parts(ITransformer model)
        => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [model];
}
