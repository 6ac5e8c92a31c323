using System.Text;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>
/// What a saved tokenizer's files said before Save changed them for other readers. An encoder's fingerprint is that of the files it was
/// read from, so what was saved must lead back to them.
/// </summary>
internal static class SourceTokenizerFiles
{
    /// <summary>The file: tokenizer_config.json's text, and of tokenizer.json the texts of the parts that were changed.</summary>
    public const string Name = "syncse_tokenizer_source.json";

    private const string Config = TokenizerFileSet.TokenizerConfig, Json = TokenizerFileSet.TokenizerJson;

    /// <summary>The changed files, and what they were.</summary>
    public static TokenizerFileSet Note(TokenizerFileSet source, TokenizerFileSet changed)
    {
        if (ReferenceEquals(source, changed)) return source;
        var parts = new JsonObject();
        if (!ReferenceEquals(source.Files[Json], changed.Files[Json]))
        {
            foreach (var part in EffectiveTokenizerJson.Parts)
            {
                var before = TokenizerJsonPart.Read(source.Files[Json], part);
                if (before != TokenizerJsonPart.Read(changed.Files[Json], part)) parts[part] = before;
            }
        }
        var note = new JsonObject { [Config] = Encoding.UTF8.GetString(source.Files[Config]), [Json] = parts };
        return changed.With(KeyValuePair.Create(Name, TokenizerConfigWriter.ToBytes(note)));
    }

    /// <summary>The files as they were; as they are, but for the note, where they are not what Save makes of those.</summary>
    /// <param name="files">The files.</param>
    /// <param name="change">What Save does to files.</param>
    public static TokenizerFileSet Of(TokenizerFileSet files, Func<TokenizerFileSet, TokenizerFileSet> change)
    {
        if (files.Json(Name) is not { } note) return files;
        var here = files.Without(Name);
        // Somebody may have taken a file away, or put another in its place.
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
            // The text before is no tokenizer's, so it is not where these files come from.
            return here;
        }
    }

    // But for line ends, which are git's affair.
    private static bool AreSame(byte[] one, byte[] other) => ReferenceEquals(one, other) || one.AsSpan().SequenceEqual(other)
        || Encoding.UTF8.GetString(one).ReplaceLineEndings("\n") == Encoding.UTF8.GetString(other).ReplaceLineEndings("\n");
}
