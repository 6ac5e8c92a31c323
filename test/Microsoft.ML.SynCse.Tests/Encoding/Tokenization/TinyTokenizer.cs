using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A tokenizer.json of a few words, changed as a test needs.</summary>
internal static class TinyTokenizer
{
    /// <summary>One of each kind.</summary>
    public static SentenceTokenizer[] OfEachKind() => [Load(Bert()), Load(ByteLevelBpe()), Load(Unigram())];

    public static JsonObject Bert() => JsonNode.Parse("""
        {
          "added_tokens": [
            {"id": 0, "content": "[PAD]", "special": true, "normalized": false},
            {"id": 2, "content": "[CLS]", "special": true, "normalized": false},
            {"id": 3, "content": "[SEP]", "special": true, "normalized": false}
          ],
          "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
          "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
          "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "cat": 4, "##s": 5, "cafe": 6, "a": 7, "##a": 8,
            "Cat": 9, ".": 10, "😀": 11, "##😀": 12, "caf": 13, "##é": 14}
          }
        }
        """)!.AsObject();

    public static JsonObject ByteLevelBpe() => JsonNode.Parse("""
        {
          "added_tokens": [{"id": 0, "content": "<pad>", "special": true, "normalized": false}],
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
          "model": {"type": "BPE", "vocab": {"<pad>": 0, "a": 1, "b": 2, "Ġ": 3, "ab": 4, "Ġa": 5, "Ġab": 6, "aa": 7},
          "merges": ["a b", ["Ġ", "a"], "Ġ ab", "a a"]}
        }
        """)!.AsObject();

    public static JsonObject Unigram() => JsonNode.Parse($$"""
        {
          "added_tokens": [{"id": 1, "content": "<s>", "special": true, "normalized": false}],
          "normalizer": {{TinyCharacterMap.Normalizer()}},
          "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
          "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["<s>", 0.0], ["<pad>", 0.0], ["▁", -2.0],
          ["b", -3.0], ["bc", -4.0], ["c", -3.5], ["▁bc", -4.5], ["bcbc", -6.0]]}
        }
        """)!.AsObject();

    /// <summary>Pieces as XLM-RoBERTa's class numbers, frames and cuts them.</summary>
    public static JsonObject XlmRoberta() => JsonNode.Parse($$$"""
        {
          "added_tokens": [
            {"id": 0, "content": "<s>", "special": true, "normalized": false},
            {"id": 1, "content": "<pad>", "special": true, "normalized": false},
            {"id": 2, "content": "</s>", "special": true, "normalized": false},
            {"id": 3, "content": "<unk>", "special": true, "normalized": false},
            {"id": 10, "content": "<mask>", "special": true, "normalized": false, "lstrip": true}
          ],
          "normalizer": {{{TinyCharacterMap.Normalizer()}}},
          "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
              {"type": "WhitespaceSplit"},
              {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}
            ]
          },
          "post_processor": {
            "type": "TemplateProcessing",
            "single": [
              {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}
            ],
            "pair": [],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}
          },
          "model": {
            "type": "Unigram", "unk_id": 3, "byte_fallback": false,
            "vocab": [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -2.0], ["b", -3.0], ["bc", -4.0],
                      ["c", -3.5], ["▁bc", -4.5], ["bcbc", -6.0], ["<mask>", 0.0]]
          }
        }
        """)!.AsObject();

    /// <summary>The part of a tokenizer.json at a path such as "model.vocab".</summary>
    public static JsonObject At(this JsonObject root, string path)
        => path.Split('.').Aggregate(root, (node, name) => node[name]!.AsObject());

    public static SentenceTokenizer Load(JsonObject tokenizer, string? config = null, bool lowerCaseFirst = false)
    {
        var files = new MemoryFiles { ["tokenizer.json"] = tokenizer.ToJsonString() };
        if (config is not null) files["tokenizer_config.json"] = config;
        return SentenceTokenizer.Load(files, new TokenizerHints("bert", lowerCaseFirst));
    }

    /// <summary>The ids of a text that is not cut, special tokens in.</summary>
    public static string Ids(this SentenceTokenizer tokenizer, string text) => string.Join(' ', tokenizer.Encode(text, 1000, out _));
}
