using Microsoft.ML.SynCse.Core.Tokenization.Formats;

namespace Microsoft.ML.SynCse.Core.Tokenization;

/// <summary>The ids of the special tokens that are put around the ids of a single sentence.</summary>
/// <param name="Prefix">The ids before the sentence, such as [CLS].</param>
/// <param name="Suffix">The ids after it, such as [SEP].</param>
internal sealed record PostProcessor(int[] Prefix, int[] Suffix)
{
    public static PostProcessor None { get; } = new([], []);

    // One more kind is one line here.
    private static readonly Listing<PostProcessor> _kinds = new(new()
    {
        ["BertProcessing"] = BertPostProcessor.Read,
        // It changes offsets only.
        ["ByteLevel"] = _ => None,
        ["RobertaProcessing"] = BertPostProcessor.Read,
        ["Sequence"] = part => part.Required("processors").Items().Select(Create).Aggregate(None, (inner, outer) => inner.Within(outer)),
        ["TemplateProcessing"] = TemplatePostProcessor.Read,
    });

    public int Count => Prefix.Length + Suffix.Length;

    /// <summary>Reads the "post_processor" of tokenizer.json.</summary>
    public static PostProcessor Create(TokenizerNode part) => _kinds.Create(part);

    public bool IsSameAs(PostProcessor other) => Prefix.SequenceEqual(other.Prefix) && Suffix.SequenceEqual(other.Suffix);

    private PostProcessor Within(PostProcessor outer) => new([.. outer.Prefix, .. Prefix], [.. Suffix, .. outer.Suffix]);
}

/// <summary>BertProcessing and RobertaProcessing: a classifier token before the sentence and a separator after it.</summary>
internal static class BertPostProcessor
{
    public static PostProcessor Read(TokenizerNode part) => new([Id(part.Required("cls"))], [Id(part.Required("sep"))]);

    // ["[CLS]", 101]
    private static int Id(TokenizerNode token)
        => token.Items().ToList() is [_, var id] ? id.Id() : throw token.Wrong("must be a token and its id");
}

/// <summary>TemplateProcessing: the special tokens around the sentence are listed one by one.</summary>
internal static class TemplatePostProcessor
{
    public static PostProcessor Read(TokenizerNode part)
    {
        var ids = part.Required("special_tokens");
        List<int> prefix = [], suffix = [];
        int sentences = 0;
        foreach (var item in part.Required("single").Items())
        {
            if (item.Optional("SpecialToken") is { } special)
            {
                string name = special.RequiredText("id");
                var token = ids.Optional(name) ?? throw special.Wrong($"is '{name}', which special_tokens lacks");
                (sentences == 0 ? prefix : suffix).AddRange(token.Required("ids").Items().Select(id => id.Id()));
            }
            else
            {
                item.Required("Sequence");
                sentences++;
            }
        }
        return sentences == 1 ? new([.. prefix], [.. suffix]) : throw part.Wrong("must have the sentence once in 'single'");
    }
}
