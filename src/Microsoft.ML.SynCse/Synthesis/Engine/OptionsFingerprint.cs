using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.ML.SynCse;

/// <summary>Tells whether an outcome was made with the same options: all that can change a text, a verdict or the number of tries.</summary>
internal static class OptionsFingerprint
{
    /// <summary>SHA-256 of them.</summary>
    public static byte[] Of(TripletSynthesisOptions o, string? model)
    {
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, leaveOpen: true))
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"1|{model}|{o.Seed}|{o.MaxAttempts}|{o.ReplyFormat}|{o.ExemplarsPerRequest}|{o.OneRequestPerSentence}|{o.SentencesPerRequest}|{o.PositivesPerSentence}|{o.NegativesPerSentence}|{o.Temperature}|{o.TopP}|{o.MaxOutputTokens}"));
            // Written only where it is set, so that outcomes of before it was there stay.
            if (o.InstructionPlacement != InstructionPlacement.System) writer.WriteLine($"placement|{o.InstructionPlacement}");
            foreach (var rule in o.Rules) writer.WriteLine(rule.Name);
            foreach (var check in o.PairChecks) writer.WriteLine($"{check.Name}|{check.Source}|{check.Thresholds}");
        }
        JsonSerializer.Serialize(stream, o.PromptLibrary, PromptJson.Default.PromptLibrary);
        return SHA256.HashData(stream.ToArray());
    }
}
