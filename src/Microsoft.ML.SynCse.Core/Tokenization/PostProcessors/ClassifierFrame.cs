using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.PostProcessors;

/// <summary>A classifier token before and a separator behind: BertProcessing and RobertaProcessing.</summary>
internal static class ClassifierFrame
{
    public static SpecialTokenFrame Read(TokenizerNode part) => new([Id(part.Required("cls"))], [Id(part.Required("sep"))]);

    // ["[CLS]", 101]
    private static int Id(TokenizerNode token) => token.Items().ToList() is [_, var id] ? id.Id() : throw token.Wrong("must be a token and its id");
}
