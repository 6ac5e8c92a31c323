using Microsoft.ML.SynCse.Core.Tokenization.Files;

namespace Microsoft.ML.SynCse.Core.Tokenization.PreTokenizers;

/// <summary>Reads <see cref="SplitBehavior"/> from tokenizer.json.</summary>
internal static class SplitBehaviors
{
    /// <param name="part">The pre-tokenizer's part.</param>
    /// <param name="otherwise">Where it says nothing; null: it must.</param>
    public static SplitBehavior Read(TokenizerNode part, SplitBehavior? otherwise = null)
    {
        var name = part.OptionalText("behavior") ?? otherwise?.ToString() ?? part.RequiredText("behavior");
        return Enum.GetNames<SplitBehavior>().Contains(name, StringComparer.Ordinal)
            ? Enum.Parse<SplitBehavior>(name)
            : throw part.Wrong($"has the behavior '{name}', which is not supported; supported are "
                + string.Join(", ", Enum.GetNames<SplitBehavior>()));
    }
}
