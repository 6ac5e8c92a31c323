using Microsoft.Extensions.Logging;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The warnings of a run: logged at once, and kept for the summary. They never hold the text of a sentence.</summary>
internal sealed class TrainingWarnings(ILogger? logger)
{
    private const double NotableShare = 0.05;
    private readonly List<string> _texts = [];

    /// <summary>All warnings so far.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Logs what is trained on, and warns of what is unusual about it.</summary>
    public void About(TrainingSet set, int rows, int heldOut, bool hasEvidence, int steps, ContrastiveTrainingOptions options)
    {
        logger?.LogInformation(
            "Training ({Mode}) on {Rows} examples in {Steps} steps, {HeldOut} examples held out.", set.Mode, rows, steps, heldOut);
        if (set.Skipped > NotableShare * set.Given)
            Warn($"{set.Skipped} of {set.Given} examples were left out because a text of theirs is empty.");
        if (set.Contradictory > 0)
            Warn($"{set.Contradictory} of {set.Given} examples were left out because their hard negative is their positive.");
        if (set.Mended > 0)
            Warn($"{set.Mended} of {set.Given} examples have a hard negative that is their positive; "
                + "another one of theirs takes its place.");
        int damaged = set.Rows.Count(row => TrainingSet.Texts(row).Any(text => text.Contains('\uFFFD')));
        if (damaged > 0)
            Warn($"{damaged} of {set.Given} examples hold U+FFFD, which stands for bytes that were not understood: the "
                + "file they come from may be no UTF-8. Convert it, and read it anew.");
        if (rows < options.BatchSize)
            Warn($"There are {rows} examples for a batch of {options.BatchSize}: every step takes all of them. "
                + "Lower BatchSize and raise Epochs.");
        if (options.WarmupSteps >= steps)
            Warn($"WarmupSteps is {options.WarmupSteps} and the run has {steps} steps: the rate never reaches LearningRate. "
                + "Lower WarmupSteps.");
        if (!hasEvidence)
            Warn(set.Mode == TrainingMode.Unsupervised
                ? "Anchors alone hold no evidence of quality: the last step's weights are returned. Give an Evaluator to choose by."
                : "No examples are held out, so nothing shows whether the encoder became better: the last step's weights are returned. "
                    + $"{HeldOutSplit.WhatWould(set.Rows, options)}");
    }

    /// <summary>Warns that a default prompt is no part of the training.</summary>
    public void Prompt(SentenceEncoder start)
    {
        if (start.HasDefaultPrompt)
            Warn($"The encoder puts its prompt '{start.DefaultPromptName}' before every sentence it encodes; training and its "
                + "scores take the texts as they are. Write the prompt before them to train with it.");
    }

    /// <summary>Warns if the CPU is slower in bfloat16.</summary>
    /// <param name="gain">How many times as fast as in float32 it is.</param>
    public void Precision(double gain)
    {
        if (gain < 1)
            Warn(FormattableString.Invariant($"This CPU has bfloat16 instructions, but multiplies matrices at {gain:f1} times its ")
                + "float32 speed with them: Precision.Float32 is faster here.");
    }

    /// <summary>Warns if many sentences were cut.</summary>
    public void Truncated(int truncated, int sentences, int maxTokens)
    {
        if (truncated > NotableShare * sentences)
            Warn($"{truncated} of {sentences} sentences were cut at {maxTokens} tokens; raise MaxSequenceLength to train on all of them.");
    }

    /// <summary>Logs an evaluation.</summary>
    public void Evaluated(TrainingEvaluation evaluation)
        => logger?.LogInformation("Step {Step}: score {Score:F4}.", evaluation.Step, evaluation.Score);

    /// <summary>Warns that the start encoder is returned.</summary>
    public void KeptStart(double startScore, TrainingEvaluation best)
        => Warn(FormattableString.Invariant($"The start encoder is returned: it scores {startScore:F4}, ")
            + FormattableString.Invariant($"the best step ({best.Step}) {best.Score:F4}. ")
            + "Set KeepStartIfWorse to false to get the tuned one all the same.");

    /// <summary>Logs that the run resumes from a checkpoint, and warns if its evaluator has no fingerprint, so that it may not be the one
    /// from before.
    /// </summary>
    public void Resumed(int steps, IEncoderEvaluator? evaluator)
    {
        logger?.LogInformation("Resuming after step {Step} from a checkpoint.", steps);
        if (evaluator is { Fingerprint: null })
            Warn($"The run goes on with a {evaluator.GetType().Name} without a Fingerprint: if it scores otherwise than the one that "
                + "the run was begun with, its scores do not compare with those before.");
    }

    /// <summary>Warns that a checkpoint could not be read and the one before is used.</summary>
    public void DamagedCheckpoint(string reason) => Warn($"A checkpoint is left out: {reason}");

    /// <summary>Warns that no checkpoint could be read.</summary>
    public void BeginsAnew(int checkpoints) => Warn($"None of the {checkpoints} checkpoints could be read: the run begins anew.");

    /// <summary>Warns if most in-batch negatives were left out.</summary>
    public void Masked(double share)
    {
        if (share > 0.5)
            Warn(FormattableString.Invariant($"FalseNegativeThreshold left out {100 * share:f0} % of the in-batch negatives, ")
                + "and rows have little left to learn from: raise it.");
    }

    /// <summary>Warns if rows that are false negatives of each other shared a batch.</summary>
    public void Forced(int rows)
    {
        if (rows > 0)
            Warn($"{rows} times a row met its own texts in another row of its batch, because no other batch could take it: "
                + "repeat sentences less often, or lower BatchSize.");
    }

    /// <summary>Warns that the run ended because the evaluations no longer improved.</summary>
    public void StoppedEarly(int step, int total, TrainingEvaluation best)
        => Warn(FormattableString.Invariant($"Stopped at step {step} of {total}: no evaluation was better than that of step {best.Step} ")
            + FormattableString.Invariant($"({best.Score:F4}). Raise EarlyStoppingPatience to go on longer."));

    /// <summary>Warns that the encoder gives all candidates the same vector.</summary>
    public void Collapsed(int step, double loss, int candidates)
        => Warn(FormattableString.Invariant($"At step {step} the loss ({loss:F3}) is that of chance among {candidates} candidates: ")
            + "the encoder gives every sentence the same vector (a collapse). "
            + "Take Mean pooling without a fresh ProjectionHead, lower LearningRate or raise WarmupSteps.");

    private void Warn(string text)
    {
        _texts.Add(text);
        logger?.LogWarning("{Warning}", text);
    }
}
