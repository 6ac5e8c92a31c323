using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.SynCse;

/// <summary>
/// The files that a tokenizer is saved as: those it was read from, byte for byte, and beside them what other readers look for: tokenizer.json,
/// tokenizer_config.json and special_tokens_map.json always, the older vocabulary files where they amount to the same tokenizer. Where
/// transformers would build another tokenizer from the class that tokenizer_config.json names, it names the one that reads tokenizer.json as it stands.
/// </summary>
internal static class SavedTokenizerFiles
{
    // The class of transformers that does what tokenizer.json says and nothing of its own.
    private const string PlainClass = "PreTrainedTokenizerFast";

    /// <param name="files">What the tokenizer was read from; has a tokenizer.json.</param>
    /// <param name="hints">What the encoder's other files say.</param>
    /// <param name="parts">What was made of the files.</param>
    /// <param name="maxTokens">The number of tokens at which the encoder cuts a sentence.</param>
    public static IReadOnlyDictionary<string, byte[]> Of(TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, int maxTokens)
    {
        files = TruncationSide.NamedIn(files, parts);
        var names = OlderTokenizerFormats.NamesOf(files, hints);
        var config = new TokenizerConfigWriter(parts, new TokenizerConfig(files), names);
        var needsConfig = !files.Has(TokenizerFileSet.TokenizerConfig);
        if (!files.Has(TokenizerFileSet.SpecialTokensMap)) files = files.With(File(TokenizerFileSet.SpecialTokensMap, config.WriteMap()));

        var vocabulary = Vocabulary(parts.Model).Where(file => !files.Has(file.Key)).ToList();
        if (names is not null && (needsConfig || vocabulary.Count > 0))
        {
            var complete = files.With(vocabulary);
            if (needsConfig) complete = complete.With(File(TokenizerFileSet.TokenizerConfig, config.WriteConfig(names.Class, maxTokens)));
            if (OlderFilesGive(parts, complete, hints)) return complete.Files;
        }
        return needsConfig ? files.With(File(TokenizerFileSet.TokenizerConfig, config.WriteConfig(PlainClass, maxTokens))).Files
            : WithClassThatReadsIt(files, hints, parts, names).Files;
    }

    // From version 5 on, transformers takes the vocabulary alone from tokenizer.json and builds the rest anew by the class.
    private static TokenizerFileSet WithClassThatReadsIt(
        TokenizerFileSet files, TokenizerHints hints, TokenizerParts parts, SpecialTokenNames? names)
    {
        if (new TokenizerConfig(files).IsPlainClass || (names is not null && ClassBuilds(parts, files, hints))) return files;
        var json = JsonNode.Parse(files.Files[TokenizerFileSet.TokenizerConfig])!.AsObject();
        json["tokenizer_class"] = PlainClass;
        var changed = files.With(File(TokenizerFileSet.TokenizerConfig, TokenizerConfigWriter.ToBytes(json)));
        // A class of its own may have changed what tokenizer.json says about case and accents; without it that would be lost here too.
        var read = TokenizerJsonFormat.Read(changed, hints);
        return (parts.Normalizer is not BertTextNormalizer || Equals(parts.Normalizer, read.Normalizer))
            && (parts.PreTokenizer is not ByteLevelPreTokenizer || Equals(parts.PreTokenizer, read.PreTokenizer)) ? changed : files;
    }

    private static bool ClassBuilds(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
    {
        if (parts.Model is UnigramModel) return Equals(parts.PreTokenizer, OlderSentencePieceFormat.UsualPreTokenizer);
        var vocabulary = Vocabulary(parts.Model).ToList();
        return vocabulary.Count > 0 && TryReadOlder(files.With(vocabulary), hints) is { } built
            && Equals(built.Normalizer, parts.Normalizer) && Equals(built.PreTokenizer, parts.PreTokenizer)
            && built.Frame.Before.SequenceEqual(parts.Frame.Before) && built.Frame.Behind.SequenceEqual(parts.Frame.Behind)
            && built.Model.IsSameAs(parts.Model);
    }

    private static TokenizerParts? TryReadOlder(TokenizerFileSet files, TokenizerHints hints)
    {
        try
        {
            var older = files.Without(TokenizerFileSet.TokenizerJson);
            var json = OlderTokenizerFormats.WriteTokenizerJson(older, hints);
            return TokenizerJsonFormat.Read(older.With(File(TokenizerFileSet.TokenizerJson, json)), hints);
        }
        catch (InvalidDataException)
        {
            // The older files cannot say what this tokenizer does.
            return null;
        }
    }

    private static bool OlderFilesGive(TokenizerParts parts, TokenizerFileSet files, TokenizerHints hints)
    {
        try
        {
            var older = files.Without(TokenizerFileSet.TokenizerJson);
            var json = OlderTokenizerFormats.WriteTokenizerJson(older, hints);
            // So it is where tokenizer.json was made from them.
            if (json.AsSpan().SequenceEqual(files.Files[TokenizerFileSet.TokenizerJson])) return true;
            return TokenizerJsonFormat.Read(older.With(File(TokenizerFileSet.TokenizerJson, json)), hints).IsSameAs(parts);
        }
        catch (InvalidDataException)
        {
            // The older files cannot say what this tokenizer does; tokenizer.json does, and is enough.
            return false;
        }
    }

    private static IEnumerable<KeyValuePair<string, byte[]>> Vocabulary(ISubwordModel model) => model switch
    {
        WordPieceModel => [File(TokenizerFileSet.WordPieceVocabulary, Lines(model.Vocabulary.InOrder()))],
        BytePairModel bytePairs =>
        [
            File(TokenizerFileSet.BytePairVocabulary, Json(bytePairs.Vocabulary)),
            File(TokenizerFileSet.BytePairMerges, Lines(bytePairs.MergesInOrder().Select(merge => $"{merge.Left} {merge.Right}").Prepend("#version: 0.2"))),
        ],
        _ => [],
    };

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n')));

    private static byte[] Json(Vocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, TokenizerJsonWriter.Options)) vocabulary.WriteTo(writer);
        return stream.ToArray();
    }

    private static KeyValuePair<string, byte[]> File(string name, byte[] bytes) => new(name, bytes);
}
