using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>Tells whether an outcome was made with the same options: all that can change a text, a verdict or the number of tries.</summary>
/// <remarks>The same on every system: a journal may be moved from one to another.</remarks>
internal static class OptionsFingerprint
{
    /// <summary>SHA-256 of them.</summary>
    public static byte[] Of(TripletSynthesisOptions o, string? model) => Of(o, model, "\n");

    /// <summary>As earlier versions wrote it on Windows, with that system's line ends. Journals may hold it; it is read, never
    /// written.</summary>
    public static byte[] OfEarlierWindows(TripletSynthesisOptions o, string? model) => Of(o, model, "\r\n");

    private static byte[] Of(TripletSynthesisOptions o, string? model, string lineEnd)
    {
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = lineEnd })
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"1|{model}|{o.Seed}|{o.MaxAttempts}|{o.ReplyFormat}|{o.ExemplarsPerRequest}|{o.OneRequestPerSentence}|{o.SentencesPerRequest}|{o.PositivesPerSentence}|{o.NegativesPerSentence}|{o.Temperature}|{o.TopP}|{o.MaxOutputTokens}"));
            // Written only where it is set, so that outcomes of before it was there stay.
            if (o.InstructionPlacement != InstructionPlacement.System) writer.WriteLine($"placement|{o.InstructionPlacement}");
            foreach (var rule in o.Rules) writer.WriteLine(rule.Name);
            foreach (var check in o.PairChecks) writer.WriteLine($"{check.Name}|{check.Source}|{check.Thresholds}");
        }
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = lineEnd }))
            JsonSerializer.Serialize(json, o.PromptLibrary, PromptJson.Default.PromptLibrary);
        return SHA256.HashData(stream.ToArray());
    }
}
