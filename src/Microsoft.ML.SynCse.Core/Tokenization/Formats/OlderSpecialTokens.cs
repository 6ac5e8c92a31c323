using System.Globalization;
using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>The special and added tokens of a folder without tokenizer.json; any of its files may name them.</summary>
internal sealed class OlderSpecialTokens
{
    private readonly TokenizerFileSet _files;
    private readonly TokenizerConfig _config;
    private readonly Vocabulary _vocabulary;
    private readonly string _vocabularyFile;
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);

    /// <param name="files">The folder's files.</param>
    /// <param name="config">What they say of special tokens.</param>
    /// <param name="vocabulary">The tokens of the model itself.</param>
    /// <param name="vocabularyFile">The file that these come from, for messages.</param>
    /// <param name="names">The names that the model's kind has by default.</param>
    public OlderSpecialTokens(
        TokenizerFileSet files, TokenizerConfig config, Vocabulary vocabulary, string vocabularyFile, SpecialTokenNames names)
    {
        (_files, _config, _vocabulary, _vocabularyFile) = (files, config, vocabulary, vocabularyFile);
        foreach (var (content, id) in files.Json(TokenizerFileSet.AddedTokens)?.Members() ?? [])
            _tokens[content] = new AddedToken(content, vocabulary.IdOf(content) ?? id.Id()) { Normalized = true };
        foreach (var (id, token) in config.AddedTokens?.Members() ?? [])
        {
            var added = AddedToken.Read(token, IdOf(id, token), normalized: !token.Flag("special", false));
            _tokens[added.Content] = added with { Id = vocabulary.IdOf(added.Content) ?? added.Id };
        }
        Unknown = Required("unk_token", names.Unknown);
        Classifier = Required("cls_token", names.Classifier);
        Separator = Required("sep_token", names.Separator);
        Required("pad_token", names.Padding);
        Add("mask_token", names.Mask, names.MaskStripsLeft);
        Add("bos_token", null);
        Add("eos_token", null);
        foreach (var node in config.SpecialToken("additional_special_tokens")?.Items() ?? [])
            Add(node, TokenizerConfig.TextOf(node), stripsLeft: false);
        AddedToken.CheckIds(vocabulary, All,
            what => files.Wrong(vocabularyFile, $"does not fit to the added tokens beside it: one of the files {what}"));
    }

    public AddedToken Unknown { get; }

    public AddedToken Classifier { get; }

    public AddedToken Separator { get; }

    public IReadOnlyList<AddedToken> All => [.. _tokens.Values.OrderBy(token => token.Id)];

    /// <summary>Adds a token of the vocabulary that is looked for in the text as it is.</summary>
    public void Add(string content)
    {
        if (_vocabulary.IdOf(content) is { } id) _tokens.TryAdd(content, new AddedToken(content, id));
    }

    private AddedToken Required(string name, string usual)
    {
        Add(name, usual);
        string content = _config.SpecialTokenText(name) ?? usual;
        return _tokens.TryGetValue(content, out var token) ? token
            : throw _files.Wrong(_vocabularyFile, $"has no {name}: '{content}' is neither in it nor among the added tokens beside it");
    }

    private void Add(string name, string? usual, bool stripsLeft = false)
    {
        var node = _config.SpecialToken(name);
        if ((node is { } given ? TokenizerConfig.TextOf(given) : usual) is { } content) Add(node, content, stripsLeft);
    }

    // The flags of added_tokens_decoder go first, then those beside the name, then those of the kind. A token without an id is left out.
    private void Add(TokenizerNode? node, string content, bool stripsLeft)
    {
        var known = _tokens.GetValueOrDefault(content);
        if ((known?.Id ?? _vocabulary.IdOf(content)) is not { } id) return;
        if (known is { Normalized: false }) return;
        _tokens[content] = node is { Element.ValueKind: JsonValueKind.Object } flags
            ? AddedToken.Read(flags, id, normalized: false, special: true)
            : new AddedToken(content, id) { StripLeft = stripsLeft, Special = true };
    }

    private static int IdOf(string text, TokenizerNode node)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? id : throw node.Wrong("is not listed under an id");
}

/// <summary>The names of a kind of model for its special tokens, and of transformers for its tokenizer, if the files name no
/// others.</summary>
internal sealed record SpecialTokenNames(string Class, string Unknown, string Classifier, string Separator, string Padding, string Mask)
{
    /// <summary>The fields of tokenizer_config.json that name special tokens.</summary>
    public static readonly string[] Fields = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static SpecialTokenNames Bert { get; } = new("BertTokenizer", "[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]");

    public static SpecialTokenNames Roberta { get; } =
        new("RobertaTokenizer", "<unk>", "<s>", "</s>", "<pad>", "<mask>") { MaskStripsLeft = true, SeparatesTwice = true };

    public static SpecialTokenNames MPNet { get; } = Roberta with { Class = "MPNetTokenizer", Unknown = "[UNK]" };

    public static SpecialTokenNames XlmRoberta { get; } = Roberta with { Class = "XLMRobertaTokenizer" };

    public static SpecialTokenNames Camembert { get; } = XlmRoberta with { Class = "CamembertTokenizer" };

    /// <summary>The names, each with the field that may give another.</summary>
    public IEnumerable<(string Field, string Content)> Usual =>
    [
        ("unk_token", Unknown), ("sep_token", Separator), ("pad_token", Padding), ("cls_token", Classifier), ("mask_token", Mask),
        .. SeparatesTwice ? [("bos_token", Classifier), ("eos_token", Separator)] : Array.Empty<(string, string)>(),
    ];

    /// <summary>Whether the blank before a mask belongs to it.</summary>
    public bool MaskStripsLeft { get; init; }

    /// <summary>Whether two separators stand between the sentences of a pair. Such models use the classifier and the separator also as the
    /// tokens that begin and end a text.</summary>
    public bool SeparatesTwice { get; init; }
}
