using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Core.Files;
using Microsoft.ML.SynCse.Synthesis.Prompts;

namespace Microsoft.ML.SynCse;

/// <summary>
/// The prompts, exemplars, genres and topics of synthesis: data that comes with the package and that a user can replace in whole or in
/// part.
/// </summary>
/// <remarks>
/// Start from the default with <see cref="Default"/> and <c>with { ... }</c>, or <see cref="Save"/> it, edit the JSON and
/// <see cref="Load"/> it. Which prompt and exemplars a sentence gets depends on the seed, the sentence and their ids alone (rendezvous
/// hashing): adding a prompt moves only its share of sentences, changing the text of one asks again only what used it. The kinds of prompts
/// are those of SynCSE (arXiv 2305.15077, section 3 and appendix), in our own words. Immutable, so safe from several threads.
/// </remarks>
public sealed record PromptLibrary
{
    private static readonly Lazy<PromptLibrary> _embedded = new(ReadEmbedded);

    /// <summary>The library that comes with the package.</summary>
    public static PromptLibrary Default => _embedded.Value;

    /// <summary>The version of the data; for people, it has no effect of its own.</summary>
    public required string Version { get; init; }

    /// <summary>The texts around a prompt that do not change from draw to draw.</summary>
    public required PromptFrames Frames { get; init; }

    /// <summary>Prompts and exemplars for positives.</summary>
    public required RolePrompts Positive { get; init; }

    /// <summary>Prompts and exemplars for hard negatives.</summary>
    public required RolePrompts Negative { get; init; }

    /// <summary>What kinds of text scratch synthesis writes sentences of.</summary>
    public required IReadOnlyList<string> Genres
    {
        get;
        init => field = ValueList<string>.Of(value);
    }

    /// <summary>What those sentences are about.</summary>
    public required IReadOnlyList<string> Topics
    {
        get;
        init => field = ValueList<string>.Of(value);
    }

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
            var library = JsonSerializer.Deserialize(stream, PromptJson.Default.PromptLibrary)
                ?? throw new JsonException("the file holds null");
            PromptLibraryValidator.Check(library);
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
        using var stream = typeof(PromptLibrary).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource '{Name}'.");
        return Read(stream, Name);
    }
}

/// <summary>The texts around a drawn prompt. Words in braces are filled in.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public sealed record PromptFrames
{
    /// <summary>System message for one text of one sentence; <c>{task}</c>: the drawn prompt.</summary>
    public required string Single { get; init; }

    /// <summary>
    /// System message for several sentences, several texts or both roles in one request; <c>{parts}</c>: what each answer holds, a line a
    /// part.
    /// </summary>
    public required string Several { get; init; }

    /// <summary>A line of <c>{parts}</c> for positives; <c>{count}</c>, <c>{task}</c>.</summary>
    public required string PositivePart { get; init; }

    /// <summary>A line of <c>{parts}</c> for hard negatives; <c>{count}</c>, <c>{task}</c>.</summary>
    public required string NegativePart { get; init; }

    /// <summary>System message that asks for sentences from nothing; <c>{count}</c>, <c>{genre}</c>, <c>{topics}</c>.</summary>
    public required string Scratch { get; init; }

    /// <summary>System message that asks how alike two sentences are, from 0 to 5.</summary>
    public required string Judge { get; init; }

    /// <summary>Added to the system message with <see cref="ReplyFormat.JsonText"/>; <c>{example}</c>: the form of the answer.</summary>
    public required string JsonText { get; init; }

    /// <summary>A frame with its places filled, all at once: a text that is put in may hold braces of its own.</summary>
    internal static string Fill(string frame, params ReadOnlySpan<(string Place, string Text)> texts)
    {
        var filled = new StringBuilder(frame.Length + 256);
        for (int at = 0; at < frame.Length;)
        {
            var rest = frame.AsSpan(at);
            int next = 0;
            foreach (var (place, text) in texts)
            {
                if (!rest.StartsWith(place, StringComparison.Ordinal)) continue;
                filled.Append(text);
                next = place.Length;
                break;
            }
            if (next == 0) filled.Append(frame[at]);
            at += Math.Max(1, next);
        }
        return filled.ToString();
    }
}

/// <summary>The prompts and solved examples for one kind of sentence.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
public sealed record RolePrompts
{
    /// <summary>The tasks; each sentence gets one of them.</summary>
    public required IReadOnlyList<SynthesisPrompt> Prompts
    {
        get;
        init => field = ValueList<SynthesisPrompt>.Of(value);
    }

    /// <summary>Solved examples; each request shows a few that fit its task.</summary>
    public required IReadOnlyList<SynthesisExemplar> Exemplars
    {
        get;
        init => field = ValueList<SynthesisExemplar>.Of(value);
    }

    /// <summary>Whether some exemplars are for sentences of one language.</summary>
    internal bool HasLanguages => Exemplars.Any(e => e.Language is not null);
}

/// <summary>One way to ask for a positive or a hard negative.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
/// <param name="Id">
/// Names it in draws and in the journal; unique in its role. Keep the id when you edit the text, and only sentences that used it are asked
/// for again.
/// </param>
/// <param name="Text">The task, in words.</param>
public sealed record SynthesisPrompt(string Id, string Text);

/// <summary>One solved example.</summary>
/// <remarks>Immutable, so safe from several threads.</remarks>
/// <param name="Id">Names it in draws; unique in its role.</param>
/// <param name="Sentence">The given sentence.</param>
/// <param name="Rewrite">The right answer.</param>
/// <param name="Fits">Ids of the prompts it is an example of; empty, or left out in JSON: of all.</param>
public sealed record SynthesisExemplar(string Id, string Sentence, string Rewrite, IReadOnlyList<string> Fits)
{
    /// <summary>
    /// The language it is in, as a two-letter code (ISO 639-1: de, fr): it is shown with sentences of that language only, before
    /// exemplars without one. Default: null, with all sentences.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>Ids of the prompts it is an example of; empty: of all.</summary>
    public IReadOnlyList<string> Fits
    {
        get;
        init => field = ValueList<string>.Of(value);
    } = ValueList<string>.Of(Fits ?? []);
}

/// <summary>The JSON form of a <see cref="PromptLibrary"/>.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(PromptLibrary))]
internal sealed partial class PromptJson : JsonSerializerContext;
