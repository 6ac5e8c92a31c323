using Microsoft.ML.SynCse.Core.Tokenization;
using Microsoft.ML.SynCse.Encoders.Architectures;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>What a masked-language-model objective begins with.</summary>
/// <param name="Head">Makes the head over the network that is trained.</param>
/// <param name="Masker">Chooses what is hidden.</param>
internal sealed record MaskedLanguageSetup(Func<EncoderNetwork, MaskedLanguageHead> Head, ITokenMasker Masker)
{
    /// <summary>A fresh head and BERT's masking, both from the run's seed.</summary>
    /// <exception cref="NotSupportedException">The tokenizer has no mask token.</exception>
    public static MaskedLanguageSetup Fresh(SentenceTokenizer tokenizer, int seed)
    {
        int mask = tokenizer.MaskId ?? throw new NotSupportedException("ContrastiveTrainingOptions.MlmWeight is over 0, but the encoder's tokenizer has no mask token ([MASK] or <mask>): set MlmWeight to 0.");
        return new(network => MaskedLanguageHead.Fresh(network, seed), new RandomTokenMasker(seed, mask, tokenizer.VocabularySize));
    }
}
