using System.CommandLine;

namespace SynCse.Samples;

/// <summary>The sub-commands, and how the program ends: 0 done, 1 an error, 2 wrong usage, 130 cancelled.</summary>
internal static class SampleProgram
{
    // A second Ctrl-C, or this time, ends a process whose work does not stop by itself.
    private static readonly TimeSpan CancellationGrace = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] args)
    {
        Terminal.Prepare();
        var verbose = new Option<bool>("--verbose") { Description = "Show the stack trace of an error", Recursive = true };
        var root = new RootCommand("Sentence embeddings tuned to your own domain with Microsoft.ML.SynCse. Without a sub-command: quickstart.");
        root.Options.Add(verbose);
        root.Subcommands.Add(QuickstartCommand.Create());
        root.Subcommands.Add(TuneCommand.Create());
        root.Subcommands.Add(SynthesizeCommand.Create());
        root.Subcommands.Add(SynthesizeHostedCommand.Create());
        root.Subcommands.Add(EncodeCommand.Create());
        root.Subcommands.Add(ScoreCommand.Create());
        root.Subcommands.Add(SimilarCommand.Create());
        root.Subcommands.Add(ClassifyCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(VectorStoreCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
#if WITH_ML_TORCHSHARP
        root.Subcommands.Add(SentenceSimilarityCommand.Create());
#endif
        root.SetAction((_, cancellationToken) => QuickstartCommand.RunAsync(QuickstartCommand.DefaultOutput, cancellationToken));

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Terminal.Error($"{ErrorText.OneLine(parsed.Errors[0].Message)} '--help' after the sub-command shows what it takes.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = CancellationGrace });
        }
        catch (OperationCanceledException)
        {
            Terminal.Error("Cancelled; no file was written.");
            return 130;
        }
        catch (Exception error) when (ErrorText.IsExpected(error))
        {
            Terminal.Error(ErrorText.OneLine(error));
            if (parsed.GetValue(verbose)) await Console.Error.WriteLineAsync(error.ToString());
            return 1;
        }
    }
}
