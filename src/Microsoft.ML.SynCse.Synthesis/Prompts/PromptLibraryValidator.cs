using Microsoft.ML.SynCse.Synthesis.Languages;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>Checks a <see cref="PromptLibrary"/>; an error names the part.</summary>
internal static class PromptLibraryValidator
{
    /// <summary>Throws for the first part that cannot be used.</summary>
    /// <exception cref="ArgumentException">A part is missing, empty or named twice, or a frame lacks a place to fill in.</exception>
    public static void Check(PromptLibrary library)
    {
        Require(library.Version, "version");
        CheckFrames(library.Frames ?? throw Missing("frames"));
        CheckRole(library.Positive ?? throw Missing("positive"), "positive");
        CheckRole(library.Negative ?? throw Missing("negative"), "negative");
        CheckNames(library.Genres ?? throw Missing("genres"), "genres");
        CheckNames(library.Topics ?? throw Missing("topics"), "topics");
    }

    private static void CheckFrames(PromptFrames frames)
    {
        CheckFrame(frames.Single, "frames.single", "{task}");
        CheckFrame(frames.Several, "frames.several", "{parts}");
        CheckFrame(frames.PositivePart, "frames.positivePart", "{count}", "{task}");
        CheckFrame(frames.NegativePart, "frames.negativePart", "{count}", "{task}");
        CheckFrame(frames.Scratch, "frames.scratch", "{count}", "{genre}", "{topics}");
        CheckFrame(frames.Judge, "frames.judge");
        CheckFrame(frames.JsonText, "frames.jsonText", "{example}");
    }

    private static void CheckFrame(string? text, string name, params ReadOnlySpan<string> places)
    {
        Require(text, name);
        foreach (string place in places)
        {
            if (!text!.Contains(place, StringComparison.Ordinal))
                throw new ArgumentException($"'{name}' lacks {place}, which is filled in with every request.");
        }
    }

    private static void CheckRole(RolePrompts role, string name)
    {
        if (role.Prompts is not { Count: > 0 })
            throw new ArgumentException($"'{name}.prompts' is empty; there must be at least one prompt.");
        if (role.Exemplars is null) throw Missing($"{name}.exemplars");
        foreach (var prompt in role.Prompts)
        {
            Require(prompt?.Id, $"{name}.prompts: an id");
            Require(prompt!.Text, $"{name}.prompts '{prompt.Id}': its text");
        }
        CheckNames([.. role.Prompts.Select(p => p.Id)], $"{name}.prompts");
        foreach (var exemplar in role.Exemplars)
        {
            Require(exemplar?.Id, $"{name}.exemplars: an id");
            Require(exemplar!.Sentence, $"{name}.exemplars '{exemplar.Id}': its sentence");
            Require(exemplar.Rewrite, $"{name}.exemplars '{exemplar.Id}': its rewrite");
            if (exemplar.Language is { } code && SentenceLanguage.Standard(code) is null)
                throw new ArgumentException($"'{name}.exemplars' '{exemplar.Id}' has the language '{code}'; "
                    + "it must be a two-letter code (ISO 639-1) such as 'de', of a language that Lingua knows, or left out.");
            if (exemplar.Fits?.FirstOrDefault(id => role.Prompts.All(p => p.Id != id)) is { } unknown)
                throw new ArgumentException($"'{name}.exemplars' '{exemplar.Id}' fits the prompt '{unknown}', which is not there.");
        }
        if (role.Exemplars.Count > 0) CheckNames([.. role.Exemplars.Select(e => e.Id)], $"{name}.exemplars");
    }

    private static void CheckNames(IReadOnlyList<string> names, string list)
    {
        if (names.Count == 0) throw new ArgumentException($"'{list}' is empty.");
        foreach (string name in names) Require(name, $"{list}: an entry");
        if (names.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"'{list}' holds '{twice.Key}' twice.");
    }

    private static void Require(string? value, string name)
    {
        if (string.IsNullOrWhiteSpace(value)) throw new ArgumentException($"'{name}' is missing or empty.");
    }

    private static ArgumentException Missing(string name) => new($"'{name}' is missing.");
}
