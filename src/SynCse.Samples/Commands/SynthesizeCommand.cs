using System.CommandLine;
using Microsoft.ML.SynCse;
using Spectre.Console;

namespace SynCse.Samples;

/// <summary>A language model writes triplets for the sentences of a file, or the sentences too; the journal makes it safe to stop at any
/// time.</summary>
internal static class SynthesizeCommand
{
    public static Command Create()
    {
        var input = new Option<string?>("--input")
        {
            Description = "A text file, one sentence a line; '-': standard input; a CSV or TSV "
            + "with --column"
        };
        var column = new Option<string?>("--column") { Description = "The input's column with the sentences" };
        var scratch = new Option<int?>("--scratch") { Description = "Have this many sentences written too, by genre and topics" };
        var genres = new Option<string?>("--genres")
        {
            Description = "With --scratch: a file of kinds of text, one a line; without it: "
            + "the prompt library's"
        };
        var topics = new Option<string?>("--topics") { Description = "With --scratch: what the sentences are about, likewise" };
        var minYield = new Option<double>("--min-yield")
        {
            Description = "With --scratch: end where a smaller share of the written sentences is new",
            DefaultValueFactory = _ => new ScratchSynthesisOptions().MinYield,
        };
        var output = new Option<string?>("--output") { Description = "Ends in .csv or .jsonl; holds all accepted triplets of the journal" };
        var journal = new Option<string?>("--journal")
        {
            Description = "Keeps all requests and replies, to go on from (default: "
            + "OUTPUT.journal)"
        };
        var similarity =
            new Option<bool>("--similarity") { Description = "Keep a triplet only where an encoder finds its positive nearer" };
        var encoder = new Option<string>("--encoder")
        {
            Description = "With --similarity: a folder, a zip of ours, or 'default'",
            DefaultValueFactory = _ => StartEncoder.Default,
        };
        var estimate = new Option<bool>("--estimate")
        {
            Description = "Print requests, tokens and cost to come, and end: nothing is "
            + "sent, no key is needed"
        };
        var export = new Option<bool>("--export")
        {
            Description = "Write the output from the journal as it is, and end: nothing is sent, "
            + "no key is needed"
        };
        var encoding = InputEncoding.NewOption();
        var provider = new ProviderArguments();
        var settings = new SynthesisArguments();
        var command = new Command(
            "synthesize", "Have a language model write triplets for your sentences, which leave this machine, or the sentences too. "
            + "The key comes from OPENAI_API_KEY or AZURE_OPENAI_API_KEY")
        { input, column, scratch, genres, topics, minYield, output, journal, similarity, encoder, estimate, export, encoding };
        provider.AddTo(command);
        settings.AddTo(command);
        command.Validators.Add(result =>
        {
            bool Has(Option option) => result.GetResult(option) is { Implicit: false };
            string? wrong = !Has(output) && !Has(estimate) ? "'--output' is required."
                : Has(export) ? null
                : Has(input) == Has(scratch) ? "Give either '--input' or '--scratch'."
                : Has(column) && Has(scratch) ? "'--column' belongs to '--input'."
                : (Has(genres) || Has(topics) || Has(minYield)) && !Has(scratch)
                    ? "'--genres', '--topics' and '--min-yield' belong to '--scratch'."
                : Has(encoder) && !Has(similarity) ? "'--encoder' belongs to '--similarity'."
                : provider.Missing(result);
            if (wrong is not null) result.AddError(wrong);
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? file = parsed.GetValue(output);
            string? journalFile = parsed.GetValue(journal) ?? (file is null ? null : file + ".journal");
            if (parsed.GetValue(export)) return await ExportAsync(journalFile!, file!, cancellationToken);

            var choice = provider.Read(parsed);
            bool onlyEstimate = parsed.GetValue(estimate);
            // An estimate leaves no new file behind.
            var options = settings.Read(parsed, choice, onlyEstimate && !File.Exists(journalFile) ? null : journalFile);
            using var client = ProviderClient.Create(choice, onlyEstimate ? ProviderKey.ForNothingSent : ProviderKey.Read(choice));
            using var checking = parsed.GetValue(similarity) ? StartEncoder.Load(parsed.GetValue(encoder)!) : null;
            if (checking is not null) options = options with { PairChecks = [new SimilarityGapCheck(checking), .. options.PairChecks] };

            await using var synthesizer = new TripletSynthesizer(client, options);
            ISynthesisTask task = parsed.GetValue(scratch) is { } count
                ? new ScratchTask(count, new ScratchSynthesisOptions
                {
                    Genres = await TextList.ReadAsync(parsed.GetValue(genres), parsed.GetValue(encoding), cancellationToken),
                    Topics = await TextList.ReadAsync(parsed.GetValue(topics), parsed.GetValue(encoding), cancellationToken),
                    MinYield = parsed.GetValue(minYield),
                })
                : new SentencesTask(await SentenceSource.OpenAsync(parsed.GetValue(input)!, parsed.GetValue(column),
                    parsed.GetValue(encoding), cancellationToken));
            if (!onlyEstimate) return await RunAsync(synthesizer, task, choice, journalFile!, file!, cancellationToken);
            SynthesisEstimateTable.Write(await task.EstimateAsync(synthesizer, cancellationToken));
            return 0;
        });
        return command;
    }

    private static async Task<int> RunAsync(
        TripletSynthesizer synthesizer, ISynthesisTask task, ProviderChoice provider, string journal, string output,
        CancellationToken cancellationToken)
    {
        EnsureTripletFile(output);
        var (exitCode, ended) = (0, "");
        try
        {
            await SynthesisDisplay.ShowAsync(task.Goal, async view =>
            {
                await foreach (var _ in task.RunAsync(synthesizer, view, cancellationToken)) { }
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            (exitCode, ended) = (130, "Cancelled. Everything read is in the journal.");
        }
        catch (SynthesisStoppedException stopped)
        {
            (exitCode, ended) = (1, stopped.Message);
            // Only where the message speaks of the key: most refusals have another reason.
            if (stopped.Message.Contains("API key", StringComparison.OrdinalIgnoreCase)
                && provider.KeyVariable is { } variable) ended += $" The key is the one in {variable}.";
        }
        var report = await synthesizer.GetReportAsync(CancellationToken.None);
        SynthesisReportTable.Write(report);
        if (exitCode != 0)
        {
            Terminal.Error(ErrorText.OneLine($"{ended} The same command goes on from there; "
                + $"with --export it sends nothing and writes out the {report.Accepted} triplets that '{journal}' holds so far."));
            return exitCode;
        }
        if (report.StoppedBecause is { } shortage) Terminal.Warning(ErrorText.OneLine(shortage));
        if (report.Accepted == 0)
        {
            Terminal.Error("No sentence has all its texts, so no file was written. The table says why; try another model, --json-text, "
                + "or more --attempts.");
            return 1;
        }
        return await ExportAsync(journal, output, cancellationToken);
    }

    private static async Task<int> ExportAsync(string journal, string output, CancellationToken cancellationToken)
    {
        EnsureTripletFile(output);
        long rows = await SynthesisJournal.ExportAsync(journal, output, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"{rows} triplets in {Path.GetFullPath(output)}, from the journal {Path.GetFullPath(journal)}");
        return 0;
    }

    /// <summary>Fails before money is spent, not after it.</summary>
    private static void EnsureTripletFile(string output)
    {
        if (Path.GetExtension(output).ToLowerInvariant() is not (".csv" or ".jsonl"))
            throw new ArgumentException($"--output '{output}' must end in .csv or .jsonl.");
        OutputFile.EnsureWritable(output);
    }
}
