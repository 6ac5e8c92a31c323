using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The model card of a tuned encoder, made from its training run.</summary>
internal static class TrainingCard
{
    /// <summary>The card of the encoder that a run returns.</summary>
    /// <param name="start">The start encoder's card.</param>
    /// <param name="set">The rows of the run.</param>
    /// <param name="summary">The figures of the run.</param>
    public static ModelCard Of(ModelCard start, TrainingSet set, TrainingSummary summary)
    {
        // The weights are those of the start encoder, so their history is too.
        if (summary.KeptStart)
        {
            string note = $"A training on {Count(summary.Examples)} examples did not make this encoder better; "
                + "the weights are those it started from.";
            return start with { Notes = [.. start.Notes ?? [], note] };
        }
        return new()
        {
            BaseModel = start.Name ?? start.BaseModel,
            Languages = start.Languages,
            DataCounts = new Dictionary<string, long>
            {
                ["examples trained on"] = summary.Examples,
                ["examples held out for the scores"] = summary.HeldOutExamples,
                ["examples left out because a text is empty"] = summary.SkippedExamples,
                ["examples left out because the hard negative is the positive"] = summary.ContradictoryExamples,
                ["hard negatives replaced because they are the positive"] = summary.ReplacedNegatives,
                ["sentences cut at the training length"] = summary.TruncatedSentences,
            },
            DataFingerprint = TrainingDataFingerprint.Of(set.Rows),
            Recipe = Recipe(summary),
            Scores = Scores(summary),
            Notes = summary.Warnings.Count > 0 ? summary.Warnings : null,
        };
    }

    private static Dictionary<string, string> Recipe(TrainingSummary summary)
    {
        var recipe = new Dictionary<string, string>
        {
            ["Made with"] = $"Microsoft.ML.SynCse {typeof(TrainingCard).Assembly.GetName().Version?.ToString(3)}",
            ["Loss"] = $"contrastive (InfoNCE, in-batch negatives), {summary.Mode}",
            ["Steps"] = Count(summary.Steps),
            ["Step whose weights these are"] = Count(summary.BestStep),
        };
        if (summary.Evaluations.Count > 0)
            recipe["Scored by"] = summary.HeldOutExamples == 0 ? summary.Settings["Evaluator"]
                : "the held-out examples (lower is better for Alignment and Uniformity)";
        foreach (var (name, value) in summary.Settings)
            if (TrainingOption.Find(name) is null or { IsOnCard: true }) recipe[name] = value;
        return recipe;
    }

    private static List<ModelCardScore>? Scores(TrainingSummary summary)
    {
        if (summary.Evaluations.FirstOrDefault(e => e.Step == summary.BestStep) is not { } after) return null;
        var before = summary.Evaluations.FirstOrDefault(e => e.Step == 0);
        return [.. after.Metrics.Select(m => new ModelCardScore(m.Key, Before(m.Key), m.Value))];

        double? Before(string name) => before is not null && before.Metrics.TryGetValue(name, out double value) ? value : null;
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>A hash that identifies a list of training rows and does not show a sentence.</summary>
internal static class TrainingDataFingerprint
{
    /// <summary>
    /// The SHA-256 of the rows in order, as lower-case hexadecimal digits. Of each row it reads the numbers of its positives and of its
    /// hard negatives, each text's UTF-8 bytes after their length, and its weight; numbers are little-endian int32, the weight a
    /// little-endian float32.
    /// </summary>
    public static string Of(IReadOnlyList<TrainingExample> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(int)];
        foreach (var row in rows)
        {
            foreach (int count in new[] { row.Positives.Count, row.Negatives.Count })
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, count);
                hash.AppendData(number);
            }
            foreach (string text in TrainingSet.Texts(row))
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                BinaryPrimitives.WriteInt32LittleEndian(number, bytes.Length);
                hash.AppendData(number);
                hash.AppendData(bytes);
            }
            BinaryPrimitives.WriteSingleLittleEndian(number, row.Weight);
            hash.AppendData(number);
        }
        return Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
    }
}
