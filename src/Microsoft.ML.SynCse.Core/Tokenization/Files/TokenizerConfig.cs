using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>tokenizer_config.json and special_tokens_map.json; either may be missing.</summary>
internal sealed class TokenizerConfig(TokenizerFileSet files)
{
    // These do what tokenizer.json says and nothing of their own.
    private static readonly string[] _plainClasses = ["PreTrainedTokenizerFast", "TokenizersBackend"];

    private const string FastSuffix = "Fast";

    private readonly TokenizerNode? _config = files.Json(TokenizerFileSet.TokenizerConfig);
    private readonly TokenizerNode? _map = files.Json(TokenizerFileSet.SpecialTokensMap);

    /// <summary>The entry of a special token, a string or an object with its flags.</summary>
    /// <param name="name">As the files have it, such as "cls_token".</param>
    public TokenizerNode? SpecialToken(string name) => _config?.Optional(name) ?? _map?.Optional(name);

    /// <summary>tokenizer_class, as the class without the Rust library behind it is called.</summary>
    public string? Class => _config?.OptionalText("tokenizer_class") is { } name ? name.EndsWith(FastSuffix, StringComparison.Ordinal) ? name[..^FastSuffix.Length] : name : null;

    /// <summary>Whether the class is one of transformers' that has rules of its own, so that tokens cannot be told without knowing it.</summary>
    public bool HasClassOfItsOwn => _config is { } config && config.OptionalText("tokenizer_class") is not null && !IsPlain(config);

    /// <summary>The side on which a text that is too long loses tokens, where tokenizer_config.json says so: "left" or "right".</summary>
    public TokenizerNode? TruncationSide => _config?.Optional("truncation_side");

    /// <summary>Whether a blank goes before a text, where tokenizer_config.json says so.</summary>
    public bool? AddsPrefixSpace => _config?.OptionalFlag("add_prefix_space");

    /// <summary>Whether the class is the one that does what tokenizer.json says.</summary>
    public bool IsPlainClass => _config is { } config && IsPlain(config);

    public string? SpecialTokenText(string name) => SpecialToken(name) is { } node ? TextOf(node) : null;

    /// <summary>The text of a special token's entry.</summary>
    public static string TextOf(TokenizerNode node) =>
        node.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? node.RequiredText("content") : node.Text();

    /// <summary>Tokens by id with their flags, which newer versions of the file list.</summary>
    public TokenizerNode? AddedTokens => _config?.Optional("added_tokens_decoder");

    /// <summary>BERT's clean-up, where the file says something else than <paramref name="otherwise"/>: transformers has it so, tokenizer.json or not.</summary>
    public BertTextNormalizer Apply(BertTextNormalizer otherwise)
    {
        if (_config is not { } config || IsPlain(config)) return otherwise;
        return otherwise with
        {
            Lowercase = config.Flag("do_lower_case", otherwise.Lowercase),
            HandleChineseChars = config.Flag("tokenize_chinese_chars", otherwise.HandleChineseChars),
            StripAccents = config.Has("strip_accents") ? config.OptionalFlag("strip_accents") : otherwise.StripAccents,
        };
    }

    /// <summary>The same for byte-level cutting.</summary>
    public ByteLevelPreTokenizer Apply(ByteLevelPreTokenizer otherwise) =>
        _config is not { } config || IsPlain(config)
            ? otherwise
            : otherwise with { AddPrefixSpace = config.Flag("add_prefix_space", otherwise.AddPrefixSpace) };

    private static bool IsPlain(TokenizerNode config) => config.OptionalText("tokenizer_class") is { } name && _plainClasses.Contains(name);
}
