using System.CommandLine;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>The encoder as the embedding generator of an application: registered with dependency injection, behind a vector
/// store.</summary>
internal static class VectorStoreCommand
{
    private const int RowsAtOnce = 512;

    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "A zip of ours, an encoder's folder, or 'default'",
            DefaultValueFactory = _ => StartEncoder.Default
        };
        var database = new Option<string>("--database") { Description = "The SQLite file", Required = true };
        var add = new Option<string?>("--add")
        {
            Description = "A text file whose lines are added; a line that is there already is not "
            + "added again"
        };
        var query = new Option<string?>("--query") { Description = "What to look for" };
        var source = new Option<string?>("--source") { Description = "Look among the lines of this file only" };
        var top = new Option<int>("--top") { Description = "Sentences to print", DefaultValueFactory = _ => 5 };
        var encoding = InputEncoding.NewOption();
        var command = new Command("vector-store", "Keep sentences in a vector store (Microsoft.Extensions.VectorData) and search it")
        { model, database, add, query, source, top, encoding };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(database)!, (parsed.GetValue(add), parsed.GetValue(encoding)),
            parsed.GetValue(query), parsed.GetValue(source), parsed.GetValue(top), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string model, string database, (string? File, Encoding? Encoding) add, string? query,
        string? source, int top, CancellationToken cancellationToken)
    {
        if (add.File is null && query is null) throw new ArgumentException("Give --add, --query or both.");
        if (top < 1) throw new ArgumentException($"--top is {top}; it must be at least 1.");
        var services = new ServiceCollection();
        // UseLogging, UseOpenTelemetry, UseDistributedCache can follow
        services.AddSentenceEncoder(_ => StartEncoder.Load(model));
        services.AddSingleton<VectorStoreCollection<string, SentenceRecord>>(provider
            => new SqliteSentenceCollection(
                database, "sentences", Generator(provider, "document", encoder => encoder.DocumentPromptName),
                    Generator(provider, "query", encoder => encoder.QueryPromptName)));
        await using var provider = services.BuildServiceProvider();

        var collection = provider.GetRequiredService<VectorStoreCollection<string, SentenceRecord>>();
        await collection.EnsureCollectionExistsAsync(cancellationToken);
        if (add.File is not null) await AddAsync(collection, add.File, add.Encoding, cancellationToken);
        if (query is not null) await SearchAsync(collection, query, source, top, cancellationToken);
        return 0;
    }

    // E5, BGE and the like have a prompt for each role of a search; other encoders have none.
    private static IEmbeddingGenerator<string, Embedding<float>> Generator(
        IServiceProvider services, string role, Func<TextEncoder, string?> promptName)
        => promptName(services.GetRequiredService<TextEncoder>()) is null
            ? services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
            : services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(role);

    private static async Task AddAsync(VectorStoreCollection<string, SentenceRecord> collection, string file, Encoding? encoding,
        CancellationToken cancellationToken)
    {
        long rows = 0;
        await foreach (string[]? lines in TextLines.ReadAsync(file, encoding, cancellationToken)
            .Where(line => !string.IsNullOrWhiteSpace(line))
            .Chunk(RowsAtOnce).WithCancellation(cancellationToken))
        {
            await collection.UpsertAsync(lines.Select(line => SentenceRecord.Create(line, Path.GetFileName(file))), cancellationToken);
            rows += lines.Length;
        }
        AnsiConsole.MarkupLineInterpolated($"{rows} lines of {file} are in the store");
    }

    private static async Task SearchAsync(
        VectorStoreCollection<string, SentenceRecord> collection, string query, string? source, int top,
        CancellationToken cancellationToken)
    {
        var options = new VectorSearchOptions<SentenceRecord> { Filter = source is null ? null : record => record.Source == source };
        var table = new Table().RoundedBorder().Title(Markup.Escape(query)).AddColumn(new TableColumn("cosine").RightAligned())
            .AddColumn("sentence").AddColumn("file");
        await foreach (var found in collection.SearchAsync(query, top, options, cancellationToken))
            table.AddRow(found.Score!.Value.ToString("F3", CultureInfo.InvariantCulture), Markup.Escape(found.Record.Text),
                Markup.Escape(found.Record.Source));
        AnsiConsole.Write(table);
    }
}
