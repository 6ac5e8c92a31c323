using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.ML.SynCse.Synthesis.Engine;

/// <summary>
/// Says whether an outcome was made with the same options: all that can change a text, a verdict or the number of attempts.
/// </summary>
/// <remarks>The same on every system: a journal may be moved from one to another. Its form is part of the journal's format.</remarks>
internal static class OptionsFingerprint
{
    /// <summary>SHA-256 of the options (32 bytes).</summary>
    public static byte[] Of(TripletSynthesisOptions options, string? model) => Of(options, model, "\n");

    /// <summary>
    /// As earlier versions wrote it on Windows, with that system's line ends. Journals may hold it; it is read, never written.
    /// </summary>
    public static byte[] OfEarlierWindows(TripletSynthesisOptions options, string? model) => Of(options, model, "\r\n");

    private static byte[] Of(TripletSynthesisOptions o, string? model, string lineEnd)
    {
        using var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = lineEnd })
        {
            var fields = SynthesisOptions.Triplets.Where(option => option.Fingerprint == FingerprintPart.Field)
                .Select(option => string.Create(CultureInfo.InvariantCulture, $"{option.Of(o)}"));
            // The model's name stands for ModelId: it is known without the option too.
            writer.WriteLine($"1|{model}|{string.Join('|', fields)}");
            // Only if it is set, so that outcomes stay valid that are older than the option.
            if (o.InstructionPlacement != InstructionPlacement.System) writer.WriteLine($"placement|{o.InstructionPlacement}");
            foreach (var rule in o.Rules) writer.WriteLine(rule.Name);
            foreach (var check in o.PairChecks) writer.WriteLine($"{check.Name}|{check.Source}|{check.Thresholds}");
        }
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = lineEnd }))
            JsonSerializer.Serialize(json, o.PromptLibrary, PromptJson.Default.PromptLibrary);
        return SHA256.HashData(stream.ToArray());
    }
}
