namespace Microsoft.ML.SynCse.Core.Tokenization.Files;

/// <summary>The kinds of one part of tokenizer.json, by the name it gives as "type".</summary>
internal sealed class Listing<T>(Dictionary<string, Func<TokenizerNode, T>> kinds)
{
    public T Create(TokenizerNode part)
    {
        var type = part.RequiredText("type");
        return kinds.TryGetValue(type, out var create)
            ? create(part)
            : throw part.Wrong($"is of type '{type}', which is not supported; supported are {string.Join(", ", kinds.Keys.Order(StringComparer.Ordinal))}");
    }
}
