using System.Text.Json;
using Microsoft.ML.SynCse.Core.Tokenization.Normalizers;
using Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>tokenizer_config.json and special_tokens_map.json; either may be missing.</summary>
internal sealed class TokenizerConfig(TokenizerFileSet files)
{
    /// <summary>The field of the side on which a text that is too long loses tokens, and its value for "the first tokens".</summary>
    public const string TruncationSide = "truncation_side", Left = "left";

    private const string FastSuffix = "Fast";

    // These classes of transformers do what tokenizer.json says and nothing of their own.
    private static readonly string[] _plainClasses = ["PreTrainedTokenizerFast", "TokenizersBackend"];

    private readonly TokenizerNode? _config = files.Json(TokenizerFileSet.TokenizerConfig);
    private readonly TokenizerNode? _map = files.Json(TokenizerFileSet.SpecialTokensMap);

    /// <summary>tokenizer_class without the suffix that names the class over the Rust library.</summary>
    public string? Class => _config?.OptionalText("tokenizer_class") is not { } name ? null
        : name.EndsWith(FastSuffix, StringComparison.Ordinal) ? name[..^FastSuffix.Length] : name;

    /// <summary>Whether the class is one of transformers' that has rules of its own: without knowing it, the tokens are not
    /// known.</summary>
    public bool HasClassOfItsOwn => _config is { } config && config.OptionalText("tokenizer_class") is not null && !IsPlain(config);

    /// <summary>Whether the class is the one that does what tokenizer.json says.</summary>
    public bool IsPlainClass => _config is { } config && IsPlain(config);

    /// <summary>Whether a blank goes before a text; null if tokenizer_config.json does not say it.</summary>
    public bool? AddsPrefixSpace => _config?.OptionalFlag("add_prefix_space");

    /// <summary>Tokens by id with their flags, which newer versions of the file list.</summary>
    public TokenizerNode? AddedTokens => _config?.Optional("added_tokens_decoder");

    /// <summary>The text of a special token's entry.</summary>
    public static string TextOf(TokenizerNode node)
        => node.Element.ValueKind == JsonValueKind.Object ? node.RequiredText("content") : node.Text();

    /// <summary>The entry of a special token, a string or an object with its flags.</summary>
    /// <param name="name">Its name in the files, such as "cls_token".</param>
    public TokenizerNode? SpecialToken(string name) => _config?.Optional(name) ?? _map?.Optional(name);

    public string? SpecialTokenText(string name) => SpecialToken(name) is { } node ? TextOf(node) : null;

    /// <summary>Whether a text that is too long loses its first tokens. As in transformers, tokenizer_config.json goes before
    /// tokenizer.json's truncation, and the last tokens are lost if neither says anything.</summary>
    /// <exception cref="InvalidDataException">A side that does not exist; names file and field.</exception>
    public bool CutsLeft(TokenizerNode tokenizerJson)
    {
        if (_config?.Optional(TruncationSide) is { } side) return IsLeft(side, Left, "right");
        return tokenizerJson.Optional("truncation")?.Optional("direction") is { } direction && IsLeft(direction, "Left", "Right");
    }

    /// <summary>BERT's clean-up, with the settings of tokenizer_config.json before those of tokenizer.json, as in transformers.</summary>
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

    /// <summary>Byte-level cutting, in the same way.</summary>
    public ByteLevelPreTokenizer Apply(ByteLevelPreTokenizer otherwise)
        => _config is not { } config || IsPlain(config)
            ? otherwise
            : otherwise with { AddPrefixSpace = config.Flag("add_prefix_space", otherwise.AddPrefixSpace) };

    private static bool IsPlain(TokenizerNode config)
        => config.OptionalText("tokenizer_class") is { } name && _plainClasses.Contains(name);

    private static bool IsLeft(TokenizerNode side, string left, string right)
    {
        string text = side.Text();
        if (text == left) return true;
        return text == right ? false : throw side.Wrong($"is '{text}'; it must be '{left}' or '{right}'");
    }
}
