using Microsoft.ML.TorchSharp;
using TorchSharp;

namespace SynCse.Samples;

/// <summary>Whether the trainers of Microsoft.ML.TorchSharp work on the TorchSharp that this process has.</summary>
internal static class MLTorchSharpTrainers
{
    /// <summary>The reason why not and what to do; null: they work.</summary>
    /// <param name="pairs">The file of scored pairs that another program would read.</param>
    public static string? WhyNot(string pairs)
    {
        if (!InitializingDisposes()) return null;
        var theirs = typeof(TorchSharpCatalog).Assembly;
        string builtAgainst = theirs.GetReferencedAssemblies().Single(assembly => assembly.Name == nameof(TorchSharp)).Version!.ToString(3);
        var (version, torchSharp) = (NativeLibraries.VersionOf(typeof(TorchSharpCatalog)), NativeLibraries.VersionOf(typeof(torch)));
        return $"The trainers of Microsoft.ML.TorchSharp {version} cannot run in this process: they are built against TorchSharp "
            + $"{builtAgainst}, this process has {torchSharp}, and there they dispose of the weights that they initialise "
            + "(their ModelUtils.Init* dispose what torch.nn.init returns, which is the weight itself by now). "
            + $"Train in a program of its own that references Microsoft.ML.TorchSharp {version} and TorchSharp-cpu {builtAgainst}, "
            + $"not Microsoft.ML.SynCse: {ScoredSentencePairFile.LoadingCode(pairs)} reads the pairs.";
    }

    // What their ModelUtils.InitZeros does to a weight.
    private static bool InitializingDisposes()
    {
        using var weight = torch.ones(1);
        using (torch.nn.init.zeros_(weight))
        {
        }
        return weight.IsInvalid;
    }
}
