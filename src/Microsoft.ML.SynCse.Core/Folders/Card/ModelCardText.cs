using System.Globalization;
using System.Text;

namespace Microsoft.ML.SynCse.Core.Folders.Card;

/// <summary>A <see cref="ModelCard"/> as the README.md of a folder: the Hub's metadata, then text.</summary>
internal sealed class ModelCardText
{
    private static readonly string[] _tags = ["sentence-transformers", "sentence-similarity", "feature-extraction", "syncse"];
    private readonly StringBuilder _text = new();

    private ModelCardText(ModelCard card, CardSubject subject)
    {
        Metadata(card);
        Line($"# {CardEscapes.Markdown(card.Name ?? "Sentence encoder")}");
        Introduction(card, subject);
        Use(subject);
        Data(card);
        Table("Recipe", "setting", "value", card.Recipe?.Where(s => s.Value.Length > 0).Select(s => (s.Key, s.Value)));
        Scores(card.Scores);
        if (card.Notes is { Count: > 0 }) Section("Notes", [.. card.Notes.Select(note => $"- {CardEscapes.Markdown(note)}")]);
        Section("Licence", License(card));
    }

    /// <summary>The text, its lines ended by a line feed.</summary>
    public static string Write(ModelCard card, CardSubject subject) => new ModelCardText(card, subject)._text.ToString();

    private void Metadata(ModelCard card)
    {
        Line("---");
        Field("license", card.License);
        Field("license_name", card.LicenseName);
        Field("license_link", card.LicenseLink);
        List("language", card.Languages);
        Field("library_name", "sentence-transformers");
        Field("pipeline_tag", "sentence-similarity");
        List("tags", _tags);
        // the Hub refuses a name that is none of its own
        if (ModelCardValidator.IsOnHub(card.BaseModel)) Field("base_model", card.BaseModel);
        Line("---");
        Line("");
    }

    private void Introduction(ModelCard card, CardSubject subject)
    {
        Line("");
        Line(string.Create(CultureInfo.InvariantCulture,
            $"Maps a sentence to a vector of {subject.Dimensions} numbers{(subject.Normalized ? ", scaled to length 1" : "")}; the "
                + $"cosine of two vectors says how alike the sentences are. "
            + $"A {CardEscapes.Markdown(subject.Architecture)} network of {subject.Layers} layers, {PoolingInWords(subject.Pooling)}; a "
                + $"sentence is cut at {subject.MaxSequenceLength} tokens."));
        if (card.BaseModel is { } start) Line($"Tuned from {CardEscapes.Markdown(start)}.");
    }

    private void Use(CardSubject subject)
    {
        Section("Use",
            "In .NET, with the package SynCse and a TorchSharp backend:", "",
            "```csharp", "using Microsoft.ML.SynCse;", "",
            "using var encoder = SentenceEncoder.Load(\"path/to/this/folder\");",
            "float[][] vectors = encoder.Encode([\"Where is my parcel?\", \"My order has not arrived.\"]);", "```", "",
            "In Python, with the package sentence-transformers:", "",
            "```python", "from sentence_transformers import SentenceTransformer", "",
            "model = SentenceTransformer(\"path/to/this/folder\")",
            "vectors = model.encode([\"Where is my parcel?\", \"My order has not arrived.\"])", "```");
        if (subject.Prompts.Count == 0) return;
        Line("");
        Line($"The model has prompts to put before a text: {string.Join(", ", subject.Prompts.Select(CardEscapes.Markdown))}"
            + (subject.DefaultPrompt is { Length: > 0 } name ? $" ({CardEscapes.Markdown(name)} where none is named)" : "")
            + ". Name one by `EncodingOptions.PromptName` in .NET, `prompt_name=` in Python.");
    }

    private void Data(ModelCard card)
    {
        if (card.DataSource is null && card.DataFingerprint is null && card.DataCounts is not { Count: > 0 }) return;
        Table("Training data", "what", "how many",
            card.DataCounts?.Select(c => (c.Key, c.Value.ToString("N0", CultureInfo.InvariantCulture))) ?? []);
        if (card.DataSource is { } source) Paragraph($"Source: {CardEscapes.Markdown(source)}");
        if (card.DataFingerprint is { } fingerprint) Paragraph(
            $"Fingerprint (SHA-256 of the examples in order): {CardEscapes.Markdown(fingerprint)}");
    }

    private void Scores(IReadOnlyList<ModelCardScore>? scores)
    {
        if (scores is not { Count: > 0 }) return;
        Section("Scores", "| | before | after |", "| --- | --- | --- |");
        foreach (var (name, before, after) in scores) Line($"| {CardEscapes.Markdown(name)} | {Figure(before)} | {Figure(after)} |");
    }

    private void Table(string title, string first, string second, IEnumerable<(string Name, string Value)>? rows)
    {
        if (rows?.ToArray() is not { } all) return;
        Section(title);
        if (all.Length == 0) return;
        Line($"| {first} | {second} |");
        Line("| --- | --- |");
        foreach (var (name, value) in all) Line($"| {CardEscapes.Markdown(name)} | {CardEscapes.Markdown(value)} |");
    }

    private void Section(string title, params string[] lines)
    {
        Paragraph($"## {title}");
        Line("");
        foreach (string line in lines) Line(line);
    }

    private void Paragraph(string line)
    {
        Line("");
        Line(line);
    }

    private void Field(string name, string? value)
    {
        if (value is not null) Line($"{name}: {CardEscapes.Yaml(value)}");
    }

    private void List(string name, IReadOnlyList<string>? values)
    {
        if (values is not { Count: > 0 }) return;
        Line($"{name}:");
        foreach (string value in values) Line($"- {CardEscapes.Yaml(value)}");
    }

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string License(ModelCard card) => card.License is null
        ? "Not stated. What the base model's licence and the data's terms ask for applies."
        : CardEscapes.Markdown(card.LicenseName ?? card.License) + (card.LicenseLink is { } link ? $" ({CardEscapes.Markdown(link)})" : "");

    private static string Figure(double? value)
        => value is { } figure ? figure.ToString("F4", CultureInfo.InvariantCulture) : "not measured";

    private static string PoolingInWords(Pooling pooling) => pooling switch
    {
        Pooling.Cls => "the first token's vector",
        Pooling.Mean => "the mean over the tokens",
        Pooling.Max => "the maximum over the tokens",
        _ => throw new ArgumentOutOfRangeException(nameof(pooling), pooling, "A folder cannot hold this pooling."),
    };
}

/// <summary>Escapes any text for use inside YAML and Markdown.</summary>
internal static class CardEscapes
{
    private const string MarkdownSigns = @"\`*_{}[]<>#|~$&!";

    /// <summary>A YAML scalar in double quotes: without them <c>no</c> is false and <c>1.0</c> a number.</summary>
    public static string Yaml(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in WellFormedText.Of(text))
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') quoted.Append(
                CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>One line of plain text in Markdown, safe in a table's cell too.</summary>
    public static string Markdown(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in WellFormedText.Of(text))
        {
            if (MarkdownSigns.Contains(c)) escaped.Append('\\').Append(c);
            else escaped.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }
        return escaped.ToString();
    }
}

/// <summary>What a card says of the encoder itself.</summary>
/// <param name="Architecture">config.json's model_type.</param>
/// <param name="Layers">Its transformer layers.</param>
/// <param name="Dimensions">The length of a vector.</param>
/// <param name="MaxSequenceLength">In tokens.</param>
/// <param name="Pooling">Its pooling.</param>
/// <param name="Normalized">Whether vectors have length 1.</param>
/// <param name="Prompts">The names of its prompts.</param>
/// <param name="DefaultPrompt">The name of the one that is used unasked, if any.</param>
internal sealed record CardSubject(
    string Architecture, int Layers, int Dimensions, int MaxSequenceLength, Pooling Pooling, bool Normalized,
        IReadOnlyList<string> Prompts, string? DefaultPrompt);
