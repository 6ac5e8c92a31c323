using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse;

/// <summary>The prompts, exemplars, genres and topics of synthesis: data that comes with the package and that a user can replace in whole or in part.</summary>
/// <remarks>
/// Start from the default with <see cref="Default"/> and <c>with { ... }</c>, or <see cref="Save"/> it, edit the JSON and <see cref="Load"/> it.
/// Which prompt and exemplars a sentence gets depends on the seed, the sentence and their ids alone (rendezvous hashing): adding a prompt moves only its share of sentences,
/// changing the text of one asks again only what used it. The kinds of prompts are those of SynCSE (arXiv 2305.15077, section 3 and appendix), in our own words.
/// </remarks>
public sealed record PromptLibrary
{
    private static readonly Lazy<PromptLibrary> Embedded = new(ReadEmbedded);

    /// <summary>The library that comes with the package.</summary>
    public static PromptLibrary Default => Embedded.Value;

    /// <summary>The version of the data; for people, it has no effect of its own.</summary>
    public required string Version { get; init; }

    /// <summary>The texts around a prompt that do not change from draw to draw.</summary>
    public required PromptFrames Frames { get; init; }

    /// <summary>Prompts and exemplars for positives.</summary>
    public required RolePrompts Positive { get; init; }

    /// <summary>Prompts and exemplars for hard negatives.</summary>
    public required RolePrompts Negative { get; init; }

    /// <summary>What kinds of text scratch synthesis writes sentences of.</summary>
    public required IReadOnlyList<string> Genres { get; init; }

    /// <summary>What those sentences are about.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Reads a library from a JSON file in the form that <see cref="Save"/> writes.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a prompt library; the message names the file and what is wrong.</exception>
    public static PromptLibrary Load(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        if (!File.Exists(file)) throw new FileNotFoundException($"There is no prompt library '{Path.GetFullPath(file)}'.", file);
        using var stream = new CheckedTextStream(File.OpenRead(file), file, given: Encoding.UTF8);
        return Read(stream, file);
    }

    /// <summary>Writes the library as JSON, whole or not at all.</summary>
    /// <param name="file">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        AtomicFile.Write(file, stream =>
        {
            // People edit this file, and it never stands in HTML: "Größe", not "Gr\u00F6\u00DFe".
            var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
            using var writer = new Utf8JsonWriter(stream, options);
            JsonSerializer.Serialize(writer, this, PromptJson.Default.PromptLibrary);
        });
    }

    /// <summary>The prompts of a role.</summary>
    internal RolePrompts Of(SynthesisRole role) => role == SynthesisRole.Positive ? Positive : Negative;

    /// <summary>Reads and checks a library.</summary>
    internal static PromptLibrary Read(Stream stream, string name)
    {
        try
        {
            var library = JsonSerializer.Deserialize(stream, PromptJson.Default.PromptLibrary) ?? throw new JsonException("the file holds null");
            PromptLibraryRules.Check(library);
            return library;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The prompt library '{name}' cannot be used: {error.Message}", error);
        }
    }

    private static PromptLibrary ReadEmbedded()
    {
        const string Name = "Synthesis/prompts.json";
        using var stream = typeof(PromptLibrary).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"The assembly lacks its resource '{Name}'.");
        return Read(stream, Name);
    }
}
