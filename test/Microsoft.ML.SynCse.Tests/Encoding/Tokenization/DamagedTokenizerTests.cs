using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class DamagedTokenizerTests
{
    [TestMethod]
    [DataRow("", "is not valid JSON")]
    [DataRow("{", "is not valid JSON")]
    [DataRow("[]", "must be an object")]
    [DataRow("{}", "lacks 'model'")]
    [DataRow("null", "must be an object")]
    [DataRow("""{"model": 3}""", "model")]
    [DataRow("""{"model": {"type": "Letters"}}""",
        "model is of type 'Letters', which is not supported; supported are BPE, Unigram, WordLevel, WordPiece")]
    [DataRow("""{"model": {"type": "Unigram"}}""", "model lacks 'vocab'")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": []}}""", "model.vocab is empty")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": [["a"]]}}""", "model.vocab[0] must be a token and its score")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}""", "model.vocab[0][1] must be a number")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": [["a", 1e999]]}}""", "model.vocab[0][1] must be a number")]
    [DataRow("""{"model": {"type": "WordLevel", "vocab": {"a": 0}}}""", "unk_token '<unk>', which its vocab lacks")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": [["a", 0]]}}""", "model lacks 'unk_id'")]
    [DataRow("""{"model": {"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1}}""", "model.unk_id is 1, but there are 1 tokens")]
    [DataRow("""{"model": {"type": "WordPiece"}}""", "model lacks 'vocab'")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {}}}""", "model.vocab is empty")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": []}}""", "model.vocab must be an object")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"a": "b"}}}""", "model.vocab.a must be a whole number")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"a": 1.5}}}""", "model.vocab.a must be a whole number")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"a": -1}}}""", "model.vocab.a must be from 0")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 2147483646}}}""", "model.vocab has 1 tokens, but ids up to 2147483646")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}}""", "model.vocab gives the id 0 to both 'a' and 'b'")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"\ud800": 0}}}""", "half a character")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"a": 0}}}""", "unk_token '[UNK]', which its vocab lacks")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}, "unk_token": 7}}""", "model.unk_token must be a string")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}, "max_input_chars_per_word": 0}}""", "max_input_chars_per_word")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}}""", "names no padding token")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "added_tokens": [{"content": "x"}]}""",
        "added_tokens[0] lacks 'id'")]
    [DataRow("""{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "added_tokens": {}}""", "added_tokens must be an array")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}}}""", "model lacks 'merges'")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": ["a"]}}""", "model.merges[0] is not two tokens")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": [["a", "b", "c"]]}}""", "model.merges[0] must be two tokens")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": ["a b"]}}""",
        "model.merges[0] has the token 'a', which the vocabulary lacks")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": [], "unk_token": "u"}}""",
        "unk_token 'u', which its vocab lacks")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": [], "dropout": 0.1}}""", "dropout")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Precompiled"}}""",
        "normalizer lacks 'precompiled_charsmap'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Precompiled",
        "precompiled_charsmap": "?"}}
        """, "precompiled_charsmap is not base64")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Precompiled",
        "precompiled_charsmap": "AAAA"}}
        """, "precompiled_charsmap is too short")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Precompiled",
        "precompiled_charsmap": "////fwAAAAA="}}
        """, "names a trie of 2147483647 bytes, but has 4")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Sequence",
        "normalizers": [{"type": "Odd"}]}}
        """, "normalizer.normalizers[0] is of type 'Odd'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "normalizer": {"type": "Replace",
        "pattern": {"Regex": "("}, "content": ""}}
        """, "normalizer.pattern is not a regular expression")]
    [DataRow("""{"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "UnicodeScripts"}}""",
        "pre_tokenizer is of type 'UnicodeScripts', which is not supported")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Metaspace",
        "replacement": "__"}}
        """, "replacement that is not one character")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Metaspace", "replacement": "_",
        "prepend_scheme": "x"}}
        """, "prepend_scheme 'x'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"String": "-"}, "behavior": "isolated"}}
        """, "behavior 'isolated'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"String": "-"}}}
        """, "pre_tokenizer lacks 'behavior'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split", "pattern": {},
        "behavior": "Removed"}}
        """, "pattern lacks 'String'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "\\p{Han}+"}, "behavior": "Removed"}}
        """, "the property 'Han', which is not supported")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "[a-z&&[^aeiou]]"}, "behavior": "Removed"}}
        """, "an intersection of classes")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "[[:alpha:]]"}, "behavior": "Removed"}}
        """, "a class inside a class")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "\\R"}, "behavior": "Removed"}}
        """, "has \\R, which is not supported")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "(?:ab)++"}, "behavior": "Removed"}}
        """, "a possessive quantifier behind a group")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Split",
        "pattern": {"Regex": "(?~a)"}, "behavior": "Removed"}}
        """, "the group")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "pre_tokenizer": {"type": "Punctuation", "behavior": "1"}}
        """, "behavior '1'")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "post_processor": {"type": "TemplateProcessing",
        "single": [], "special_tokens": {}}}
        """, "the sentence once")]
    [DataRow("""
        {"model": {"type": "BPE", "vocab": {"<pad>": 0}, "merges": []}, "post_processor": {"type": "BertProcessing", "sep": ["x"],
        "cls": ["x", 0]}}
        """, "post_processor.sep")]
    public void What_is_wrong_with_tokenizer_json_is_said(string json, string complaint)
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => SentenceTokenizer.Load(new MemoryFiles { ["tokenizer.json"] = json }, new TokenizerHints("bert")));
        StringAssert.Contains(error.Message, complaint);
        StringAssert.Contains(error.Message, "memory");
    }

    [TestMethod]
    public void Depth_without_end_is_not_followed()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => SentenceTokenizer.Load(new MemoryFiles { ["tokenizer.json"] = new string('[', 100_000) }, new TokenizerHints("bert")));
        StringAssert.Contains(error.Message, "is not valid JSON");
    }

    [TestMethod]
    public void A_padding_token_that_nobody_knows_is_named()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => TinyTokenizer.Load(TinyTokenizer.Bert(), """{"pad_token": "[WHAT]"}"""));
        StringAssert.Contains(error.Message, "[WHAT]");
    }

    [TestMethod]
    public void A_damaged_configuration_is_named()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(()
            => TinyTokenizer.Load(TinyTokenizer.Bert(), """{"do_lower_case": "yes"}"""));
        StringAssert.Contains(error.Message, "tokenizer_config.json");
        StringAssert.Contains(error.Message, "do_lower_case must be true or false");
    }
}
