using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>The tokenizer's files, read into memory once.</summary>
internal sealed class TokenizerFileSet
{
    public const string TokenizerJson = "tokenizer.json";
    public const string TokenizerConfig = "tokenizer_config.json";
    public const string SpecialTokensMap = "special_tokens_map.json";
    public const string AddedTokens = "added_tokens.json";
    public const string WordPieceVocabulary = "vocab.txt";
    public const string BytePairVocabulary = "vocab.json";
    public const string BytePairMerges = "merges.txt";

    /// <summary>The names that a SentencePiece model may have.</summary>
    public static readonly string[] SentencePieceModels = ["sentencepiece.bpe.model", "spiece.model"];

    // Twice as many as the largest vocabularies with their merges have.
    private const int MostValues = 5_000_000;

    private static readonly string[] _names =
    [
        TokenizerJson, TokenizerConfig, SpecialTokensMap, AddedTokens, WordPieceVocabulary, BytePairVocabulary, BytePairMerges,
        .. SentencePieceModels, SourceTokenizerFiles.Name,
    ];

    private readonly string _location;

    private TokenizerFileSet(string location, IEnumerable<KeyValuePair<string, byte[]>> files)
        => (_location, Files) = (location, new SortedDictionary<string, byte[]>(files.ToDictionary(), StringComparer.Ordinal));

    /// <summary>Every file that was found, in the order of their names, so that what is saved does not depend on the source.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    public static TokenizerFileSet Read(IModelFileSource source)
    {
        var files = new Dictionary<string, byte[]>();
        foreach (string name in _names)
        {
            if (source.ReadBytes(name) is { } bytes) files[name] = bytes;
        }
        return new TokenizerFileSet(source.Location, files);
    }

    /// <summary>The same files, with others added or replaced.</summary>
    public TokenizerFileSet With(params IEnumerable<KeyValuePair<string, byte[]>> others)
    {
        var files = new Dictionary<string, byte[]>(Files);
        foreach (var (name, bytes) in others) files[name] = bytes;
        return new TokenizerFileSet(_location, files);
    }

    /// <summary>The same files without one of them.</summary>
    public TokenizerFileSet Without(string name) => new(_location, Files.Where(file => file.Key != name));

    public bool Has(string name) => Files.ContainsKey(name);

    /// <summary>A JSON file's root, or null if there is no such file.</summary>
    public TokenizerNode? Json(string name)
    {
        if (!Files.TryGetValue(name, out byte[]? bytes)) return null;
        try
        {
            JsonCheck.Check(bytes, default, uniqueNames: false, MostValues);
            // Not disposed: its elements are used until the tokenizer is made, and a copy would be as large again.
            return new TokenizerNode(this, name, "", JsonDocument.Parse(bytes).RootElement);
        }
        catch (JsonException error)
        {
            throw Wrong(name, $"is not valid JSON: {error.Message}", error);
        }
    }

    /// <summary>A text file's lines, as Python's universal newlines give them.</summary>
    public List<string> Lines(string name)
    {
        if (!Files.TryGetValue(name, out byte[]? bytes)) throw Wrong(name, "is missing");
        var lines = new List<string>();
        try
        {
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(new MemoryStream(bytes), utf8);
            while (reader.ReadLine() is { } line) lines.Add(line);
        }
        catch (DecoderFallbackException error)
        {
            throw Wrong(name, string.Create(CultureInfo.InvariantCulture, $"is not UTF-8 text in line {LineOfError(bytes)}"), error);
        }
        return lines;
    }

    private static int LineOfError(ReadOnlySpan<byte> bytes)
    {
        int valid = bytes.Length;
        for (var rest = bytes; rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf8(rest, out _, out int length) != OperationStatus.Done)
            {
                valid = bytes.Length - rest.Length;
                break;
            }
            rest = rest[length..];
        }
        return bytes[..valid].Count((byte)'\n') + 1;
    }

    /// <summary>The exception for a tokenizer file that cannot be used.</summary>
    public InvalidDataException Wrong(string name, string what, Exception? inner = null) => new($"{name} in '{_location}' {what}.", inner);

    /// <summary>The exception for a folder whose tokenizer files cannot be used.</summary>
    public InvalidDataException Wrong(string what) => new($"'{_location}' {what}.");
}
