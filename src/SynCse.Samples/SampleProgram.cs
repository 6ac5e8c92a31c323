using System.CommandLine;
using System.Globalization;

namespace SynCse.Samples;

/// <summary>The sub-commands, and how the program ends: 0 done, 1 an error, 2 wrong usage, 130 cancelled.</summary>
internal static class SampleProgram
{
    // A second Ctrl-C, or this time, ends a process whose work does not stop by itself.
    private static readonly TimeSpan _cancellationGrace = TimeSpan.FromSeconds(30);

    private static readonly Option<bool> _verbose = new("--verbose") { Description = "Show the stack trace of an error", Recursive = true };

    public static async Task<int> RunAsync(string[] args)
    {
        // What is printed, in tables, help and messages, is the same on every machine; InvariantNumbers sees to what is read.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Terminal.Prepare();
        var parsed = CreateRoot().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Terminal.Error($"{ErrorText.OneLine(parsed.Errors[0].Message)} '--help' after the sub-command shows what it takes.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = _cancellationGrace,
            });
        }
        catch (OperationCanceledException)
        {
            Terminal.Error("Cancelled; no file was written.");
            return 130;
        }
        catch (Exception error) when (ErrorText.IsExpected(error))
        {
            Terminal.Error(ErrorText.OneLine(error));
            if (parsed.GetValue(_verbose)) await Console.Error.WriteLineAsync(error.ToString());
            return 1;
        }
    }

    /// <summary>All commands with their options.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Sentence embeddings tuned to your own domain with Microsoft.ML.SynCse. "
            + "Without a sub-command: quickstart.");
        root.Options.Add(_verbose);
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
        InvariantNumbers.ApplyTo(root);
        return root;
    }
}
