using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;

/// <summary>The post-processors of tokenizer.json: one more is one file and one line here.</summary>
internal static class PostProcessorReader
{
    private static readonly Listing<SpecialTokenFrame> _kinds = new(new()
    {
        ["BertProcessing"] = ClassifierFrame.Read,
        // It mends offsets only.
        ["ByteLevel"] = _ => SpecialTokenFrame.None,
        ["RobertaProcessing"] = ClassifierFrame.Read,
        ["Sequence"] = part => part.Required("processors").Items().Select(Create).Aggregate(SpecialTokenFrame.None, (inner, outer) => inner.Within(outer)),
        ["TemplateProcessing"] = TemplateFrame.Read,
    });

    public static SpecialTokenFrame Create(TokenizerNode part) => _kinds.Create(part);
}
