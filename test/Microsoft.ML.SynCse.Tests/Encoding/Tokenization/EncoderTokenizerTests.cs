using System.Buffers;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>The encoder's tokenizer as .NET's text chunkers see it: the same ids, offsets into the text as it was given,
/// and counts that agree.</summary>
[TestClass]
public sealed partial class EncoderTokenizerTests
{
    private const string Ordinary =
        "Text chunkers cut long documents. They ask for a number of tokens, and they cut there: never inside the encoder, "
        + "always before it! Is that so? The unbelievable multiplication of parcels, orders and refunds went on (3 times), "
        + "until nobody counted them.\n\n";

    private static readonly Dictionary<string, Func<SentenceTokenizer>> _made = new()
    {
        ["bert"] = () => TinyTokenizer.Load(TinyTokenizer.Bert()),
        ["byte level"] = () => TinyTokenizer.Load(Letters(prefixSpace: false)),
        ["byte level with a blank first"] = () => TinyTokenizer.Load(Letters(prefixSpace: true)),
        ["unigram"] = () => TinyTokenizer.Load(TinyTokenizer.Unigram()),
        ["xlm-roberta"] = () => TinyTokenizer.Load(TinyTokenizer.XlmRoberta()),
        ["lower case first"] = () => TinyTokenizer.Load(TinyTokenizer.Unigram(), lowerCaseFirst: true),
        ["unigram in bytes"] = () => TinyTokenizer.Load(UnigramInBytes()),
        ["bpe in bytes"] = () => TinyTokenizer.Load(BytePairs("""{"byte_fallback": true}""", Bytes())),
        ["bpe with fused unknowns"] = () => TinyTokenizer.Load(BytePairs("""{"unk_token": "<unk>", "fuse_unk": true}""")),
        ["bpe with unknowns"] = () => TinyTokenizer.Load(BytePairs("""{"unk_token": "<unk>"}""")),
        ["bpe that drops unknowns"] = () => TinyTokenizer.Load(BytePairs("{}")),
        ["bpe with an end of word"] = () => TinyTokenizer.Load(BytePairs(
            """{"end_of_word_suffix": "</w>", "unk_token": "<unk>"}""", ["a</w>", "b</w>"], whitespace: true)),
        ["word level"] = () => TinyTokenizer.Load(WordLevel()),
        ["forms"] = () => TinyTokenizer.Load(Normalized("""
            {"type": "Sequence", "normalizers": [{"type": "Strip"}, {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}
            """)),
        ["composed"] = () => TinyTokenizer.Load(Normalized("""{"type": "NFKC"}""")),
        ["prepended"] = () => TinyTokenizer.Load(Normalized("""
            {"type": "Sequence", "normalizers": [
              {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
            """)),
        ["patterns"] = () => TinyTokenizer.Load(Normalized("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}""", """
            {"type": "Sequence", "pretokenizers": [
              {"type": "Split", "pattern": {"Regex": "\\s+"}, "behavior": "MergedWithNext"},
              {"type": "Digits", "individual_digits": true}, {"type": "Punctuation"}]}
            """)),
        ["an added token with its blanks"] = () => TinyTokenizer.Load(WithMask()),
        ["a token in normalized text"] = () => TinyTokenizer.Load(WithNormalizedToken()),
    };

    public static IEnumerable<object[]> Made => _made.Keys.Select(name => new object[] { name });

    public static IEnumerable<object[]> Goldens => GoldenRoot.Rows("architectures");

    [TestMethod]
    [DynamicData(nameof(Made))]
    public void Ids_are_those_of_the_encoder_and_offsets_lie_in_the_text(string name) => CheckAll(_made[name](), Texts(200));

    [TestMethod]
    [TestCategory(GoldenRoot.Category)]
    [DynamicData(nameof(Goldens))]
    public void Ids_of_trained_tokenizers_are_those_of_the_encoder_and_offsets_lie_in_the_text(string name)
        => CheckAll(Golden(name), Texts(300));

    [TestMethod]
    [TestCategory(GoldenRoot.Category)]
    [DynamicData(nameof(Goldens))]
    public void Offsets_cover_the_words_that_the_tokens_stand_for(string name)
    {
        var tokenizer = Plain(Golden(name));
        var tokens = tokenizer.EncodeToTokens(Ordinary, out string? normalized);
        Assert.IsNull(normalized);
        foreach (var token in tokens)
        {
            string own = token.Value.TrimStart('Ġ', '▁', '#', 'Ċ');
            if (own is "[UNK]" or "<unk>") continue;
            Assert.AreEqual(own, Ordinary[token.Offset].Trim(), ignoreCase: true, $"{token.Value} at {token.Offset}");
        }
        var covered = tokens.Select(token => token.Offset.GetOffsetAndLength(Ordinary.Length))
            .SelectMany(part => Enumerable.Range(part.Offset, part.Length)).ToHashSet();
        var left = Enumerable.Range(0, Ordinary.Length).Where(at => !char.IsWhiteSpace(Ordinary[at]) && !covered.Contains(at));
        CollectionAssert.AreEqual(Array.Empty<int>(), left.ToArray());
    }

    [TestMethod]
    public void Offsets_are_those_of_the_text_before_it_was_normalized()
    {
        string text = "\u0000 CAFE\u0301  cat\u200Ds 😀Cat.";
        var tokens = Plain(_made["bert"]()).EncodeToTokens(text, out _);
        Assert.AreEqual(
            "cafe=CAFE\u0301 cat=cat\u200D ##s=s [UNK]=😀Cat .=.",
            string.Join(' ', tokens.Select(token => $"{token.Value}={text[token.Offset]}")));
    }

    [TestMethod]
    public void Offsets_of_bytes_are_those_of_their_character()
    {
        var tokens = Plain(_made["byte level"]()).EncodeToTokens("aé b", out _);
        CollectionAssert.AreEqual(
            new[] { "a 0..1", "Ã 1..2", "© 1..2", "Ġ 2..3", "b 3..4" }, tokens.Select(token => $"{token.Value} {token.Offset}").ToArray());
    }

    [TestMethod]
    public void Special_tokens_have_empty_offsets_at_the_ends()
    {
        var tokenizer = new EncoderTokenizer(_made["bert"](), addSpecialTokens: true, () => { });
        var tokens = tokenizer.EncodeToTokens("cat cats", out _);
        CollectionAssert.AreEqual(
            new[] { "[CLS] 0..0", "cat 0..3", "cat 4..7", "##s 7..8", "[SEP] 8..8" },
            tokens.Select(token => $"{token.Value} {token.Offset}").ToArray());
        Assert.AreEqual(2, tokenizer.CountTokens(""));
        Assert.AreEqual(5, tokenizer.CountTokens("cat cats"));
    }

    [TestMethod]
    [TestCategory(GoldenRoot.Category)]
    [DynamicData(nameof(Goldens))]
    public void A_long_text_is_cut_into_chunks_that_fit(string name)
    {
        var inner = Golden(name);
        string words = string.Concat(Enumerable.Range(0, 40).Select(i => Ordinary.Insert(i * 3, $" {i}€ 日本語 ")));
        string withoutBlanks = string.Concat(Enumerable.Repeat("中文😀字é.", 600));
        foreach (var tokenizer in new[] { Plain(inner), new EncoderTokenizer(inner, addSpecialTokens: true, () => { }) })
        {
            foreach (int limit in new[] { 7, 50, 333 })
            {
                foreach (string text in new[] { words, withoutBlanks })
                {
                    CheckChunks(tokenizer, text, limit, fromEnd: false);
                    CheckChunks(tokenizer, text, limit, fromEnd: true);
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Made))]
    public void Nasty_texts_are_cut_where_the_counts_say(string name)
    {
        var tokenizer = Plain(_made[name]());
        foreach (string text in Texts(60))
        {
            foreach (int limit in new[] { 1, 3, 10 })
            {
                int first = tokenizer.GetIndexByTokenCount(text, limit, out _, out int count);
                int last = tokenizer.GetIndexByTokenCountFromEnd(text, limit, out _, out int lastCount);
                Assert.AreEqual(tokenizer.CountTokens(text[..first]), count, text);
                Assert.AreEqual(tokenizer.CountTokens(text[last..]), lastCount, text);
                Assert.IsLessThanOrEqualTo(limit, Math.Max(count, lastCount), text);
                bool fits = tokenizer.CountTokens(text) <= limit;
                Assert.AreEqual(fits, first == text.Length && last == 0, text);
            }
        }
    }

    [TestMethod]
    public void The_first_ids_are_those_of_the_whole_text()
    {
        var tokenizer = Plain(_made["bert"]());
        string text = string.Concat(Enumerable.Repeat("cats and a cafe. ", 500));
        var all = tokenizer.EncodeToIds(text);
        foreach (int count in new[] { 1, 2, 100, all.Count, all.Count + 1 })
        {
            var first = tokenizer.EncodeToIds(text, count, out string? normalized, out int consumed);
            CollectionAssert.AreEqual(all.Take(count).ToArray(), first.ToArray());
            Assert.AreEqual(first.Count, tokenizer.CountTokens(text[..consumed]));
            Assert.IsNull(normalized);
        }
        var special = new EncoderTokenizer(_made["bert"](), addSpecialTokens: true, () => { });
        CollectionAssert.AreEqual(new[] { 2, 4, 3 }, special.EncodeToIds(text, 3, out _, out int characters).ToArray());
        Assert.AreEqual(3, characters);
        CollectionAssert.AreEqual(new[] { 2 }, special.EncodeToIds(text, 1, out _, out characters).ToArray());
        Assert.AreEqual(0, characters);
    }

    [TestMethod]
    public void A_text_that_does_not_fit_at_all_is_cut_at_its_start_or_its_end()
    {
        var special = new EncoderTokenizer(_made["bert"](), addSpecialTokens: true, () => { });
        Assert.AreEqual(0, special.GetIndexByTokenCount("cat", 2, out _, out int count));
        Assert.AreEqual(0, count);
        Assert.AreEqual(3, special.GetIndexByTokenCountFromEnd("cat", 1, out _, out count));
        Assert.AreEqual(0, count);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => special.GetIndexByTokenCount("cat", 0, out _, out _));
    }

    [TestMethod]
    public void Settings_that_only_other_tokenizers_have_change_nothing()
    {
        var tokenizer = Plain(_made["bert"]());
        Assert.IsNull(tokenizer.Normalizer);
        Assert.IsNull(tokenizer.PreTokenizer);
        CollectionAssert.AreEqual(
            tokenizer.EncodeToIds("CATS and").ToArray(),
            tokenizer.EncodeToIds("CATS and", considerPreTokenization: false, considerNormalization: false).ToArray());
        CollectionAssert.AreEqual(tokenizer.EncodeToIds("CATS and").ToArray(), tokenizer.EncodeToIds("CATS and".AsSpan()).ToArray());
    }

    [TestMethod]
    [TestCategory(GoldenRoot.Category)]
    [DynamicData(nameof(Goldens))]
    public void Decoded_ids_are_the_text_again(string name)
    {
        var inner = Golden(name);
        string text = string.Join(' ', Ordinary.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        foreach (var tokenizer in new[] { Plain(inner), new EncoderTokenizer(inner, addSpecialTokens: true, () => { }) })
            Assert.AreEqual(text, tokenizer.Decode(tokenizer.EncodeToIds(text)), ignoreCase: true);
    }

    [TestMethod]
    [DataRow("byte level", "a é日 b")]
    [DataRow("byte level with a blank first", "a é日 b")]
    [DataRow("unigram in bytes", "bc é日 bcc")]
    [DataRow("bpe in bytes", "ab日ba")]
    [DataRow("bpe with an end of word", "ab a bb")]
    [DataRow("word level", "one two one")]
    [DataRow("prepended", "a b a")]
    [DataRow("bert", "cats cafe, cats.", "cats cafe[UNK] cats.")]
    public void Decoded_ids_of_every_kind_are_the_text_again(string name, string text, string? expected = null)
    {
        var tokenizer = Plain(_made[name]());
        string decoded = tokenizer.Decode(tokenizer.EncodeToIds(text));
        Assert.AreEqual((expected ?? text).Replace("[UNK]", " [UNK]"), decoded);
    }

    [TestMethod]
    public void Padding_is_left_out_but_a_word_that_pads_stays()
    {
        Assert.AreEqual("one two", Plain(_made["word level"]()).Decode([0, 2, 3, 0]));
        var padded = Plain(TinyTokenizer.Load(WordLevel(), """{"pad_token": "two"}"""));
        Assert.AreEqual("one two", padded.Decode(padded.EncodeToIds("one two")));
    }

    [TestMethod]
    public void Decoding_stops_where_there_is_no_room_or_no_token()
    {
        var tokenizer = Plain(_made["bert"]());
        char[] place = new char[8];
        Assert.AreEqual(OperationStatus.Done, tokenizer.Decode([4, 5, 10], place, out int ids, out int characters));
        Assert.AreEqual("cats.", new string(place, 0, characters));
        Assert.AreEqual(3, ids);
        Assert.AreEqual(OperationStatus.DestinationTooSmall, tokenizer.Decode([4, 5, 6, 6], place, out ids, out characters));
        Assert.AreEqual(("cats", 2), (new string(place, 0, characters), ids));
        Assert.AreEqual(OperationStatus.InvalidData, tokenizer.Decode([4, 99, 6], place, out ids, out characters));
        Assert.AreEqual(("cat", 1), (new string(place, 0, characters), ids));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => tokenizer.Decode([4, 99]));
        StringAssert.Contains(error.Message, "no token with the id 99");
        Assert.ThrowsExactly<ArgumentNullException>(() => tokenizer.Decode(null!));
    }

    [TestMethod]
    public void Special_tokens_that_there_are_not_are_one_clear_error()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => new EncoderTokenizer(_made["unigram"](), addSpecialTokens: true, () => { }));
        StringAssert.Contains(error.Message, "addSpecialTokens: false");
    }

    [TestMethod]
    public void An_encoder_counts_its_tokens_uncut()
    {
        using var encoder = TinyEncoder.Load();
        Assert.AreEqual(2, encoder.CountTokens(""));
        Assert.AreEqual(5, encoder.CountTokens("The cat is"));
        string longer = string.Join(' ', Enumerable.Repeat("cat", 39)), fits = longer[..^4];
        Assert.AreEqual(41, encoder.CountTokens(longer));
        Assert.AreEqual(encoder.MaxSequenceLength, encoder.CountTokens(fits));
        var special = encoder.AsTokenizer(addSpecialTokens: true);
        CollectionAssert.AreEqual(encoder.Tokenize(fits).ToArray(), special.EncodeToIds(fits).ToArray());
        CollectionAssert.AreEqual(encoder.Tokenize(fits).Skip(1).SkipLast(1).ToArray(), encoder.AsTokenizer().EncodeToIds(fits).ToArray());
        Assert.ThrowsExactly<ArgumentNullException>(() => encoder.CountTokens(null!));
    }

    [TestMethod]
    public void A_tokenizer_ends_with_its_encoder()
    {
        var encoder = TinyEncoder.Load();
        var tokenizer = encoder.AsTokenizer();
        Assert.AreEqual(1, tokenizer.CountTokens("cat"));
        encoder.Dispose();
        Action[] uses =
        [
            () => tokenizer.CountTokens("cat"), () => tokenizer.EncodeToIds("cat"), () => tokenizer.EncodeToTokens("cat", out _),
            () => tokenizer.Decode([5]), () => tokenizer.Decode([5], new char[9], out _, out _),
            () => tokenizer.GetIndexByTokenCount("cat", 1, out _, out _), () => encoder.AsTokenizer(), () => encoder.CountTokens("cat"),
        ];
        foreach (var use in uses) StringAssert.Contains(Assert.ThrowsExactly<ObjectDisposedException>(use).Message, "was disposed");
    }

    private static EncoderTokenizer Plain(SentenceTokenizer inner) => new(inner, addSpecialTokens: false, () => { });

    private static SentenceTokenizer Golden(string name)
        => SentenceTokenizer.Load(new FolderFileSource(GoldenRoot.Find("architectures", name)),
            new TokenizerHints(name == "bert-cased" ? "bert" : name));

    private static string[] Texts(int nasty) =>
    [
        "", " ", "a", "A", "cat", " Cats  and\tdogs.\n", Ordinary, "\uD83D", "x\uDE00y", "ΟΔΟΣ και ΣΑΣ", "İstanbul ǅ",
        "bc bcbc  c", "ab aab bba", "one, two",
        "a\u0301\u0302 \u0301b", new string('é', 300), .. NastyTexts.Make(nasty, 77),
    ];

    private static void CheckAll(SentenceTokenizer inner, string[] texts)
    {
        var plain = Plain(inner);
        var special = inner.SpecialTokenCount == 0 ? null : new EncoderTokenizer(inner, addSpecialTokens: true, () => { });
        foreach (string text in texts)
        {
            int[] whole = inner.Encode(text, int.MaxValue, out _), expected = whole;
            if (special is not null)
            {
                expected = whole[inner.Parts.PostProcessor.Prefix.Length..^inner.Parts.PostProcessor.Suffix.Length];
                CollectionAssert.AreEqual(whole, special.EncodeToIds(text).ToArray(), text);
                CollectionAssert.AreEqual(whole, special.EncodeToTokens(text, out _).Select(token => token.Id).ToArray(), text);
                Assert.AreEqual(whole.Length, special.CountTokens(text), text);
            }
            // Encode gives one padding token where there would be none.
            else if (plain.CountTokens(text) == 0)
            {
                CollectionAssert.AreEqual(new[] { inner.PadId }, whole, text);
                expected = [];
            }
            CollectionAssert.AreEqual(expected, plain.EncodeToIds(text).ToArray(), text);
            Assert.AreEqual(expected.Length, plain.CountTokens(text), text);
            var tokens = plain.EncodeToTokens(text, out _);
            CollectionAssert.AreEqual(expected, tokens.Select(token => token.Id).ToArray(), text);
            CheckOffsets(tokens, text);
        }
    }

    private static void CheckOffsets(IReadOnlyList<EncodedToken> tokens, string text)
    {
        var (start, end) = (0, 0);
        foreach (var token in tokens)
        {
            var (from, to) = (token.Offset.Start.Value, token.Offset.End.Value);
            Assert.IsTrue(start <= from && end <= to && from <= to && to <= text.Length,
                $"{token.Value} at {token.Offset} after {start}..{end} in {text}");
            (start, end) = (from, to);
        }
    }

    private static void CheckChunks(Tokenizer tokenizer, string text, int limit, bool fromEnd)
    {
        for (string rest = text; rest.Length > 0;)
        {
            int at = fromEnd ? tokenizer.GetIndexByTokenCountFromEnd(rest, limit, out string? normalized, out int count)
                : tokenizer.GetIndexByTokenCount(rest, limit, out normalized, out count);
            string chunk = fromEnd ? rest[at..] : rest[..at];
            Assert.IsNull(normalized);
            Assert.AreNotEqual(0, chunk.Length);
            Assert.AreEqual(tokenizer.CountTokens(chunk), count, chunk);
            Assert.IsLessThanOrEqualTo(limit, count, chunk);
            // As full as tokens allow that lie on both sides of a cut.
            if (chunk.Length < rest.Length) Assert.IsGreaterThan(limit - 5, count, chunk);
            rest = fromEnd ? rest[..at] : rest[at..];
        }
    }
}
