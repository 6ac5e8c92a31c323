using System.Text.Json;

namespace Microsoft.ML.SynCse.Core.Tokenization.Formats;

/// <summary>A value inside a JSON file of the tokenizer. Its exceptions name the file and the place.</summary>
internal readonly record struct TokenizerNode(TokenizerFileSet Files, string File, string Path, JsonElement Element)
{
    /// <summary>A member's value; null if it is missing or JSON's null.</summary>
    public TokenizerNode? Optional(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Wrong("must be an object");
        return Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Child(name, value) : null;
    }

    /// <summary>Whether there is such a member, null included.</summary>
    public bool Has(string name) => Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out _);

    public TokenizerNode Required(string name) => Optional(name) ?? throw Wrong($"lacks '{name}'");

    public string RequiredText(string name) => Required(name).Text();

    public string? OptionalText(string name) => Optional(name)?.Text();

    public bool Flag(string name, bool otherwise) => OptionalFlag(name) ?? otherwise;

    public bool? OptionalFlag(string name) => Optional(name) is not { } value ? null
        : value.Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.Element.GetBoolean()
        : throw value.Wrong("must be true or false");

    public string Text()
    {
        if (Element.ValueKind != JsonValueKind.String) throw Wrong("must be a string");
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            // System.Text.Json finds an escaped half of a surrogate pair only when the string is read.
            throw Wrong("is not valid Unicode text", error);
        }
    }

    public int Integer() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int value)
        ? value : throw Wrong("must be a whole number");

    public double Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out double value) && double.IsFinite(value)
        ? value : throw Wrong("must be a number");

    /// <summary>A token id: a whole number from 0.</summary>
    public int Id() => Integer() is >= 0 and < int.MaxValue and var id ? id : throw Wrong("must be from 0 to 2147483646");

    public IEnumerable<TokenizerNode> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array) throw Wrong("must be an array");
        var (self, index) = (this, 0);
        return Element.EnumerateArray().Select(item => new TokenizerNode(self.Files, self.File, $"{self.Path}[{index++}]", item));
    }

    public IEnumerable<(string Name, TokenizerNode Value)> Members()
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Wrong("must be an object");
        var self = this;
        return Element.EnumerateObject().Select(member => (self.NameOf(member), self.Child(self.NameOf(member), member.Value)));
    }

    public InvalidDataException Wrong(string what, Exception? inner = null)
        => Files.Wrong(File, Path.Length == 0 ? what : $"cannot be used: {Path} {what}", inner);

    private TokenizerNode Child(string name, JsonElement value) => new(Files, File, Path.Length == 0 ? name : $"{Path}.{name}", value);

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException error)
        {
            throw Wrong("has a name that is not valid Unicode text", error);
        }
    }
}

/// <summary>The kinds of one part of tokenizer.json, by the name that the part has as "type".</summary>
internal sealed class Listing<T>(Dictionary<string, Func<TokenizerNode, T>> kinds)
{
    public T Create(TokenizerNode part)
    {
        string type = part.RequiredText("type");
        return kinds.TryGetValue(type, out var create)
            ? create(part)
            : throw part.Wrong($"is of type '{type}', which is not supported; supported are "
                + string.Join(", ", kinds.Keys.Order(StringComparer.Ordinal)));
    }
}
