using System.Globalization;
using Microsoft.ML.SynCse.Core.Tokenization.Models;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>The special and added tokens of a folder without tokenizer.json, from whichever of its files name them.</summary>
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
    /// <param name="vocabularyFile">Where these are, for messages.</param>
    /// <param name="names">The kind's own names.</param>
    public OlderSpecialTokens(TokenizerFileSet files, TokenizerConfig config, Vocabulary vocabulary, string vocabularyFile, SpecialTokenNames names)
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
        foreach (var node in config.SpecialToken("additional_special_tokens")?.Items() ?? []) Add(node, TokenizerConfig.TextOf(node), stripsLeft: false);
        AddedTokenRules.Check(vocabulary, All, what => files.Wrong(vocabularyFile, $"does not fit to the added tokens beside it: one of the files {what}"));
    }

    /// <summary>Adds a token of the vocabulary that is looked for in the text as it is.</summary>
    public void Add(string content)
    {
        if (_vocabulary.IdOf(content) is { } id) _tokens.TryAdd(content, new AddedToken(content, id));
    }

    public AddedToken Unknown { get; }

    public AddedToken Classifier { get; }

    public AddedToken Separator { get; }

    public IReadOnlyList<AddedToken> All => [.. _tokens.Values.OrderBy(token => token.Id)];

    private AddedToken Required(string name, string usual)
    {
        Add(name, usual);
        var content = _config.SpecialTokenText(name) ?? usual;
        return _tokens.TryGetValue(content, out var token) ? token
            : throw _files.Wrong(_vocabularyFile, $"has no {name}: '{content}' is neither in it nor among the added tokens beside it");
    }

    private void Add(string name, string? usual, bool stripsLeft = false)
    {
        var node = _config.SpecialToken(name);
        if ((node is { } given ? TokenizerConfig.TextOf(given) : usual) is { } content) Add(node, content, stripsLeft);
    }

    // Flags of added_tokens_decoder stand, then those beside the name, then the kind's own. A token without an id cannot be looked for.
    private void Add(TokenizerNode? node, string content, bool stripsLeft)
    {
        var known = _tokens.GetValueOrDefault(content);
        if ((known?.Id ?? _vocabulary.IdOf(content)) is not { } id) return;
        if (known is { Normalized: false }) return;
        _tokens[content] = node is { Element.ValueKind: System.Text.Json.JsonValueKind.Object } flags
            ? AddedToken.Read(flags, id, normalized: false, special: true)
            : new AddedToken(content, id) { StripLeft = stripsLeft, Special = true };
    }

    private static int IdOf(string text, TokenizerNode node) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw node.Wrong("is not listed under an id");
}
