namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>Chooses what a masked language model has to guess.</summary>
internal interface ITokenMasker
{
    /// <summary>What is seen in a token's place.</summary>
    /// <param name="sentence">The sentence's place in the step.</param>
    /// <param name="position">The token's place in the sentence; never the first or the last.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="id">The token.</param>
    /// <returns>Null where the token need not be guessed.</returns>
    int? Mask(int sentence, int position, int step, int id);
}
