using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Bench;

/// <summary>Trains by recipes and scores what came of it; a line of the results file each, so that a stopped campaign goes on where it
/// was.</summary>
internal static class AblationProgram
{
    /// <summary>Runs what the results file lacks, then prints the table.</summary>
    /// <param name="shared">The folder with models and data.</param>
    /// <param name="results">The results file.</param>
    /// <param name="start">The start encoder.</param>
    /// <param name="recipes">Names, or "all".</param>
    /// <param name="seeds">The seeds.</param>
    public static void Run(SharedData shared, string results, string start, string[] recipes, int[] seeds)
    {
        using var encoder = StartFolders.Load(shared, start);
        var rows = shared.Triplets();
        var pairs = RecipeResult.Choosing.Concat(RecipeResult.Reported)
            .ToDictionary(set => set, set => new SentenceSimilarityEvaluator(shared.Pairs(set)));
        var done = Read(results);
        if (!done.Exists(r => r.Start == start && r.Recipe == "before")) Keep(new(start, "before", 0, 0, 0, 0, Scores(encoder)));
        foreach (int seed in seeds)
        {
            foreach (string name in recipes is ["all"] ? Recipes.All.Keys : recipes)
            {
                if (done.Exists(r => r.Start == start && r.Recipe == name && r.Seed == seed)) continue;
                var clock = Stopwatch.StartNew();
                using var result = ContrastiveTrainer.Train(encoder, rows, Recipes.All[name].Options(rows.Length, seed));
                double seconds = clock.Elapsed.TotalSeconds;
                Keep(new(start, name, seed, result.Steps.Count, seconds, result.Steps[^1].Loss, Scores(result.Encoder)));
            }
        }
        Print(done);

        Dictionary<string, double> Scores(SentenceEncoder trained)
            => pairs.ToDictionary(p => p.Key, p => 100 * p.Value.Measure(s => trained.Encode(s)).Spearman);

        void Keep(RecipeResult result)
        {
            done.Add(result);
            File.AppendAllLines(results, [JsonSerializer.Serialize(result)]);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                $"{result.Start} {result.Recipe} {result.Seed}: choosing {result.Mean(RecipeResult.Choosing):f2}, reported "
                + $"{result.Mean(RecipeResult.Reported):f2} ({result.Steps} steps, {result.Seconds:f0} s)"));
        }
    }

    private static List<RecipeResult> Read(string results)
        => File.Exists(results) ? [.. File.ReadLines(results).Select(line => JsonSerializer.Deserialize<RecipeResult>(line)!)] : [];

    private static void Print(List<RecipeResult> results)
    {
        string[] sets = [.. RecipeResult.Choosing, .. RecipeResult.Reported];
        Console.WriteLine(
            $"\n| start | recipe | seeds | steps | {string.Join(" | ", sets)} | choosing | reported "
            + $"|\n|{string.Concat(Enumerable.Repeat(" --- |", 6 + sets.Length))}");
        foreach (var runs in results.GroupBy(r => (r.Start, r.Recipe)).OrderBy(g => g.Key.Start, StringComparer.Ordinal)
            .ThenByDescending(g => g.Average(r => r.Mean(RecipeResult.Choosing))))
        {
            string Cell(Func<RecipeResult, double> figure)
                => runs.Average(figure)
                .ToString("f2", CultureInfo.InvariantCulture)
                + (runs.Count() > 1 ? string.Create(CultureInfo.InvariantCulture, $" ± {Deviation([.. runs.Select(figure)]):f2}") : "");
            Console.WriteLine(
                $"| {runs.Key.Start} | {runs.Key.Recipe} | {runs.Count()} | {runs.First().Steps} | "
                + $"{string.Join(" | ", sets.Select(set => Cell(r => r.Scores[set])))} | {Cell(r => r.Mean(RecipeResult.Choosing))} | "
                + $"{Cell(r => r.Mean(RecipeResult.Reported))} |");
        }
    }

    // Of the sample: divided by n - 1.
    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }
}
