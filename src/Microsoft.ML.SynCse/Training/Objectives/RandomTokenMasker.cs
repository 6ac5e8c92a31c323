using Microsoft.ML.SynCse.Core;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>BERT's masking (Devlin et al., 2019, section 3.1): 15 % of the tokens, of them 80 % become the mask token, 10 % a random one, 10 % stay; each drawn by (seed, step, sentence, position).</summary>
internal sealed class RandomTokenMasker(int seed, int maskId, int vocabularySize) : ITokenMasker
{
    private const double Share = 0.15, Masked = 0.8, Random = 0.1;

    // Draws of the same place for different purposes.
    private const int WhetherDraw = 0, HowDraw = 1, WhichDraw = 2;

    /// <inheritdoc/>
    public int? Mask(int sentence, int position, int step, int id)
    {
        if (Uniform(WhetherDraw) >= Share) return null;
        double how = Uniform(HowDraw);
        return how < Masked ? maskId : how < Masked + Random ? (int)(Draw(WhichDraw) % vocabularySize) : id;

        long Draw(int purpose) => SeedMixer.Mix(seed, step, sentence, position, purpose);
        double Uniform(int purpose) => Draw(purpose) / (double)long.MaxValue;
    }
}
