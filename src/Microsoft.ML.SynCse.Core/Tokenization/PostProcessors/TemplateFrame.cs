using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;

/// <summary>TemplateProcessing: special tokens around the sentence, spelled out one by one.</summary>
internal static class TemplateFrame
{
    public static SpecialTokenFrame Read(TokenizerNode part)
    {
        var ids = part.Required("special_tokens");
        List<int> before = [], behind = [];
        var sentences = 0;
        foreach (var item in part.Required("single").Items())
        {
            if (item.Optional("SpecialToken") is { } special)
            {
                var name = special.RequiredText("id");
                var token = ids.Optional(name) ?? throw special.Wrong($"is '{name}', which special_tokens lacks");
                (sentences == 0 ? before : behind).AddRange(token.Required("ids").Items().Select(id => id.Id()));
            }
            else
            {
                item.Required("Sequence");
                sentences++;
            }
        }
        return sentences == 1 ? new([.. before], [.. behind]) : throw part.Wrong("must have the sentence once in 'single'");
    }
}
