using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.MLNet;

namespace Microsoft.ML.SynCse.Synthesis.MLNet;

/// <summary>Accepted sentences with their texts as a data view: Anchor, Positive, Negative, Genre, Topic.</summary>
internal sealed class TripletTable(IHostEnvironment environment)
{
    private readonly List<SynthesisOutcome> _rows = [];

    /// <summary>Rows taken.</summary>
    public int Count => _rows.Count;

    /// <summary>Takes a sentence.</summary>
    public void Add(SynthesisOutcome accepted) => _rows.Add(accepted);

    /// <summary>Reads a journal.</summary>
    public static async Task<IDataView> ReadAsync(IHostEnvironment environment, string journal, CancellationToken cancellationToken)
    {
        var table = new TripletTable(environment);
        await foreach (var outcome in SynthesisJournal.ReadAsync(journal, cancellationToken).ConfigureAwait(false)) table.Add(outcome);
        return table.ToDataView();
    }

    /// <summary>Has a language model write the sentences too.</summary>
    public static async Task<IDataView> WriteAsync(IHostEnvironment environment, Extensions.AI.IChatClient client, int count,
        ScratchSynthesisOptions options, CancellationToken cancellationToken)
    {
        using var cancellation = new HostCancellation(environment, cancellationToken);
        try
        {
            return await RunAsync(environment, client, count, options, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (cancellation.Cause is not null)
        {
            throw cancellation.Explain(error);
        }
    }

    private static async Task<IDataView> RunAsync(
        IHostEnvironment environment, Extensions.AI.IChatClient client, int count, ScratchSynthesisOptions options,
        HostCancellation cancellation)
    {
        using var channel = environment.Register("SynthesizeTriplets").Start("Synthesis");
        var table = new TripletTable(environment);
        var rejected = new RejectionCounts();
        var synthesizer = new TripletSynthesizer(client, options.Triplets);
        await using (synthesizer.ConfigureAwait(false))
        {
            var scratch = options with { Triplets = null };
            await foreach (var outcome in synthesizer.SynthesizeFromScratchAsync(count, scratch, null, cancellation.Token)
                .ConfigureAwait(false))
            {
                if (outcome.Example is not null) table.Add(outcome);
                rejected.Add(outcome);
            }
            var report = await synthesizer.GetReportAsync(cancellation.Token).ConfigureAwait(false);
            channel.Info("{0}", $"Synthesised {table.Count} triplets with {report.Requests} requests, {report.InputTokens} input and "
                + $"{report.OutputTokens} output tokens (the journal's totals).");
            if (rejected.Total > 0) channel.Warning("{0}", $"{rejected.Total} sentences were rejected: {rejected}.");
            if (report.StoppedBecause is { } shortage) channel.Warning("{0}", $"{table.Count} of {count} triplets: {shortage}");
        }
        return table.ToDataView();
    }

    /// <summary>The data view; it is in memory.</summary>
    /// <exception cref="InvalidDataException">The rows do not all have as many texts.</exception>
    public IDataView ToDataView()
    {
        var (positives, negatives) = _rows is [{ Example: var first }, ..] ? (first!.Positives.Count, first.Negatives.Count) : (1, 1);
        if (_rows.Find(r => (r.Example!.Positives.Count, r.Example.Negatives.Count) != (positives, negatives)) is { Example: var odd })
        {
            throw new InvalidDataException($"The sentences do not all have as many texts: {positives} positives and {negatives} negatives, "
                + $"{odd!.Positives.Count} and {odd.Negatives.Count}. "
                + "One column cannot hold both; keep runs with other numbers of texts in journals of their own.");
        }
        var builder = new ArrayDataViewBuilder(environment);
        builder.AddColumn("Anchor", [.. _rows.Select(r => r.Example!.Anchor)]);
        AddTexts(builder, "Positive", positives, example => example.Positives);
        if (negatives > 0) AddTexts(builder, "Negative", negatives, example => example.Negatives);
        builder.AddColumn("Genre", [.. _rows.Select(r => r.Genre ?? "")]);
        builder.AddColumn("Topic", [.. _rows.Select(r => r.Topic ?? "")]);
        return builder.GetDataView();
    }

    private void AddTexts(ArrayDataViewBuilder builder, string name, int count, Func<TrainingExample, IReadOnlyList<string>> texts)
    {
        if (count == 1) builder.AddColumn(name, [.. _rows.Select(r => texts(r.Example!)[0])]);
        else builder.AddColumn<ReadOnlyMemory<char>>(name, TextDataViewType.Instance,
            [.. _rows.Select(r => texts(r.Example!).Select(t => t.AsMemory()).ToArray())]);
    }
}
