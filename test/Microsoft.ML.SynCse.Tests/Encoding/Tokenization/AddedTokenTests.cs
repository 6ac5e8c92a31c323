using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization;

namespace Microsoft.ML.SynCse.Tests;

[TestClass]
public sealed class AddedTokenTests
{
    [TestMethod]
    public void The_longest_of_those_that_begin_together_is_found()
    {
        var tokenizer = With(Token(15, "<x>"), Token(16, "<x>y"));
        Assert.AreEqual("2 7 15 7 16 7 3", tokenizer.Ids("a<x>a<x>ya"));
    }

    [TestMethod]
    public void A_single_word_token_has_no_word_character_beside_it()
    {
        var tokenizer = With(Token(15, "dog", ("single_word", true)));
        Assert.AreEqual("2 15 10 15 1 3", tokenizer.Ids("dog.dog dogs"));
        Assert.AreEqual("2 1 3", tokenizer.Ids("édogé"));
    }

    [TestMethod]
    public void White_space_beside_a_token_may_belong_to_it()
    {
        var plain = WithBytes(Token(8, "<m>"));
        Assert.AreEqual("1 3 8 5", plain.Ids("a <m> a"));
        Assert.AreEqual("1 8 5", WithBytes(Token(8, "<m>", ("lstrip", true))).Ids("a <m> a"));
        Assert.AreEqual("1 3 8 1", WithBytes(Token(8, "<m>", ("rstrip", true))).Ids("a <m> a"));
        Assert.AreEqual("1 8 8 1", WithBytes(Token(8, "<m>", ("lstrip", true), ("rstrip", true))).Ids("a \t<m> \n <m>\u3000a"));
    }

    [TestMethod]
    public void A_normalized_token_is_found_in_normalized_text()
    {
        Assert.AreEqual("2 15 7 15 3", With(Token(15, "ÉX", ("normalized", true))).Ids("exaÉX"));
        Assert.AreEqual("2 1 15 3", With(Token(15, "ÉX", ("normalized", false))).Ids("exÉX"));
    }

    private static JsonObject Token(int id, string content, params (string Name, bool Value)[] flags)
    {
        var token = new JsonObject { ["id"] = id, ["content"] = content, ["special"] = true, ["normalized"] = false };
        foreach (var (name, value) in flags) token[name] = value;
        return token;
    }

    private static SentenceTokenizer With(params JsonObject[] tokens) => Load(TinyTokenizer.Bert(), tokens);

    private static SentenceTokenizer WithBytes(params JsonObject[] tokens) => Load(TinyTokenizer.ByteLevelBpe(), tokens);

    private static SentenceTokenizer Load(JsonObject root, JsonObject[] tokens)
    {
        foreach (var token in tokens) root["added_tokens"]!.AsArray().Add(token);
        return TinyTokenizer.Load(root);
    }
}
