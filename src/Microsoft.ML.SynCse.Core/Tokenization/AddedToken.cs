using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>A token found in the text itself, before the model sees it.</summary>
/// <param name="Content">The token's text.</param>
/// <param name="Id">Its id.</param>
internal sealed record AddedToken(string Content, int Id)
{
    /// <summary>Whether a word character beside it makes it no token.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether white space before it belongs to it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether white space behind it belongs to it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it stands for no text; for other libraries, which leave it out when they turn ids into text.</summary>
    public bool Special { get; init; }

    /// <summary>Whether it is looked for, normalized, in the normalized text.</summary>
    public bool Normalized { get; init; }

    /// <summary>The flags of an entry of tokenizer.json or tokenizer_config.json.</summary>
    public static AddedToken Read(TokenizerNode node, int id, bool normalized, bool special = false) => new(node.RequiredText("content"), id)
    {
        SingleWord = node.Flag("single_word", false),
        StripLeft = node.Flag("lstrip", false),
        StripRight = node.Flag("rstrip", false),
        Normalized = node.Flag("normalized", normalized),
        Special = node.Flag("special", special),
    };

    /// <summary>The entry of tokenizer.json, which has the id, or of tokenizer_config.json, which lists it under the id.</summary>
    public JsonObject ToJson(bool withId)
    {
        var json = new JsonObject();
        if (withId) json["id"] = Id;
        json["content"] = Content;
        json["single_word"] = SingleWord;
        json["lstrip"] = StripLeft;
        json["rstrip"] = StripRight;
        json["normalized"] = Normalized;
        json["special"] = Special;
        return json;
    }
}
