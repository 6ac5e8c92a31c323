namespace Microsoft.ML.SynCse.Bench;

/// <summary>What came of one run: a line of the results file.</summary>
/// <param name="Start">The encoder that it began from.</param>
/// <param name="Recipe">The recipe's name; "before" for the start encoder itself.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Steps">How many steps it took.</param>
/// <param name="Seconds">How long the training took.</param>
/// <param name="LastLoss">The last step's loss.</param>
/// <param name="Scores">Spearman's rho times 100 by set.</param>
internal sealed record RecipeResult(
    string Start, string Recipe, int Seed, int Steps, double Seconds, double LastLoss, IReadOnlyDictionary<string, double> Scores)
{
    /// <summary>The sets that recipes are chosen by.</summary>
    public static readonly string[] Choosing = ["stsb-en-dev", "sickr-trial"];

    /// <summary>The sets that are reported.</summary>
    public static readonly string[] Reported = ["sts14", "sts15", "stsb-en-test", "sickr-test"];

    /// <summary>The mean over sets.</summary>
    public double Mean(string[] sets) => sets.Average(set => Scores[set]);
}
