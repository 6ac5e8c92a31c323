using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>
/// What a saved tokenizer's files said before Save changed them for other readers. An encoder's fingerprint is that of the files it was
/// read from, so what was saved must lead back to them.
/// </summary>
internal static class SourceTokenizerFiles
{
    /// <summary>The name of the file with the note: tokenizer_config.json's text, and the texts of tokenizer.json's changed
    /// parts.</summary>
    public const string Name = "syncse_tokenizer_source.json";

    private const string Config = TokenizerFileSet.TokenizerConfig, Json = TokenizerFileSet.TokenizerJson;

    /// <summary>The changed files, with a note of what they were.</summary>
    public static TokenizerFileSet Note(TokenizerFileSet source, TokenizerFileSet changed)
    {
        if (ReferenceEquals(source, changed)) return source;
        var parts = new JsonObject();
        if (!ReferenceEquals(source.Files[Json], changed.Files[Json]))
        {
            foreach (string part in SavedTokenizerFiles.ChangedParts)
            {
                string? before = TokenizerJsonPart.Read(source.Files[Json], part);
                if (before != TokenizerJsonPart.Read(changed.Files[Json], part)) parts[part] = before;
            }
        }
        var note = new JsonObject { [Config] = Encoding.UTF8.GetString(source.Files[Config]), [Json] = parts };
        return changed.With(KeyValuePair.Create(Name, TokenizerJsonWriter.ToBytes(note)));
    }

    /// <summary>The files as they were before Save; the files as they are, without the note, if Save does not make them of those.</summary>
    /// <param name="files">The files.</param>
    /// <param name="change">What Save does to files.</param>
    public static TokenizerFileSet Of(TokenizerFileSet files, Func<TokenizerFileSet, TokenizerFileSet> change)
    {
        if (files.Json(Name) is not { } note) return files;
        var here = files.Without(Name);
        // A file may have been removed or replaced since.
        if (!here.Has(Config) || !here.Has(Json)) return here;
        var source = here.With(KeyValuePair.Create(Config, Encoding.UTF8.GetBytes(note.RequiredText(Config))));
        foreach (var (part, before) in note.Required(Json).Members())
        {
            if (TokenizerJsonPart.Replace(source.Files[Json], part, before.Text()) is not { } json) return here;
            source = source.With(KeyValuePair.Create(Json, json));
        }
        try
        {
            var again = change(source);
            return AreSame(again.Files[Config], here.Files[Config]) && AreSame(again.Files[Json], here.Files[Json]) ? source : here;
        }
        catch (InvalidDataException)
        {
            // The noted text describes no tokenizer, so these files do not come from it.
            return here;
        }
    }

    // Line ends may differ, because git changes them.
    private static bool AreSame(byte[] one, byte[] other) => ReferenceEquals(one, other) || one.AsSpan().SequenceEqual(other)
        || Encoding.UTF8.GetString(one).ReplaceLineEndings("\n") == Encoding.UTF8.GetString(other).ReplaceLineEndings("\n");
}

/// <summary>A top-level part of tokenizer.json as text, to be replaced without touching the rest of a file of many megabytes.</summary>
internal static class TokenizerJsonPart
{
    /// <summary>The part's text; null if there is no such part.</summary>
    public static string? Read(byte[] json, string name)
        => Find(json, name) is var (start, length) ? Encoding.UTF8.GetString(json, start, length) : null;

    /// <summary>The file with another text for the part; null if it has no such part.</summary>
    public static byte[]? Replace(byte[] json, string name, string text) => Find(json, name) is var (start, length)
        ? [.. json.AsSpan(0, start), .. Encoding.UTF8.GetBytes(text), .. json.AsSpan(start + length)] : null;

    // Of two parts of one name the later counts, as in every JSON reader.
    private static (int Start, int Length)? Find(byte[] json, string name)
    {
        var reader = new Utf8JsonReader(json);
        (int, int)? found = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(name);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt) found = (start, (int)reader.BytesConsumed - start);
        }
        return found;
    }
}
