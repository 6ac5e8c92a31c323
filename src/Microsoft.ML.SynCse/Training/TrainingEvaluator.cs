using Microsoft.ML.SynCse.Core.Encoders;
using Microsoft.ML.SynCse.Encoders;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>Scores the weights of a run when that is due, and keeps the best of them.</summary>
/// <param name="evaluator">Gives the scores; null if nothing shows whether an encoder is better.</param>
/// <param name="start">The encoder that the run started from.</param>
/// <param name="model">The model that is trained.</param>
/// <param name="options">The run's options.</param>
/// <param name="warnings">Gets every evaluation.</param>
internal sealed class TrainingEvaluator(
    IEncoderEvaluator? evaluator, SentenceEncoder start, EncoderModel model, ContrastiveTrainingOptions options, TrainingWarnings warnings)
    : IDisposable
{
    // Rows are trained on as they are, so both encoders are scored on them without a prompt.
    private static readonly EncodingOptions _noPrompt = new() { PromptName = "" };

    /// <summary>The weights with the best score so far.</summary>
    public BestWeights Best { get; } = new(model);

    /// <summary>Every evaluation so far, that of the start encoder included.</summary>
    public List<TrainingEvaluation> Evaluations { get; } = [];

    /// <summary>Whether there is anything to score on.</summary>
    public bool HasEvidence => evaluator is not null;

    /// <summary>Whether the run ends because the score has not improved for <see cref="ContrastiveTrainingOptions.EarlyStoppingPatience"/>
    /// evaluations.</summary>
    public bool StopsEarly => options.EarlyStoppingPatience > 0 && Best.Evaluation is { } best
        && Evaluations.Count(e => e.Step > best.Step) >= options.EarlyStoppingPatience;

    /// <summary>The vectors of the start encoder, without a prompt.</summary>
    public float[][] EncodeWithStart(IReadOnlyList<string> sentences, CancellationToken cancellationToken)
        => start.Encode(sentences, _noPrompt, cancellationToken: cancellationToken);

    /// <summary>Scores the start encoder, if nothing was scored yet.</summary>
    public void ScoreStart(CancellationToken cancellationToken)
    {
        if (Evaluations.Count == 0) Score(0, sentences => EncodeWithStart(sentences, cancellationToken), cancellationToken);
    }

    /// <summary>Scores the weights after a step if that is due and not done, and keeps them if they are the best.</summary>
    /// <returns>The evaluation; null if there was none.</returns>
    /// <exception cref="DivergedLossException">The weights give vectors that are not finite.</exception>
    public TrainingEvaluation? ScoreIfDue(int step, int stepsPerEpoch, int total, CancellationToken cancellationToken)
    {
        bool due = options.EvaluateEvery == 0 ? step % stepsPerEpoch == 0 : step % options.EvaluateEvery == 0 || step == total;
        if (step == 0 || !due || Evaluations.Any(e => e.Step == step)) return null;
        var evaluation = Score(step, sentences => Encode(sentences, cancellationToken), cancellationToken);
        if (evaluation is not null) Best.Offer(evaluation);
        return evaluation;
    }

    /// <inheritdoc/>
    public void Dispose() => Best.Dispose();

    private TrainingEvaluation? Score(int step, Func<IReadOnlyList<string>, float[][]> encode, CancellationToken cancellationToken)
    {
        if (evaluator is null) return null;
        cancellationToken.ThrowIfCancellationRequested();
        var found = evaluator.Evaluate(sentences => Finite(encode(sentences), step), cancellationToken);
        if (found?.Metrics is null) throw Wrong("returned null, or figures that are null");
        if (!double.IsFinite(found.Score))
            throw Wrong(FormattableString.Invariant($"gave the score {found.Score}; it must be a finite number, higher is better"));
        var evaluation = new TrainingEvaluation(step, found.Score, found.Metrics);
        Evaluations.Add(evaluation);
        warnings.Evaluated(evaluation);
        return evaluation;

        InvalidOperationException Wrong(string what)
            => new($"ContrastiveTrainingOptions.Evaluator ({evaluator.GetType().Name}) {what} (at step {step}).");
    }

    private static float[][] Finite(float[][] vectors, int step)
    {
        if (Array.TrueForAll(vectors, vector => Array.TrueForAll(vector, float.IsFinite))) return vectors;
        if (step == 0) throw new InvalidOperationException("The start encoder gives vectors that are not finite: its weights are damaged.");
        throw new DivergedLossException("weights give vectors that are not finite", weightsAreFinite: false);
    }

    // In the number format of the encoder that is returned.
    private float[][] Encode(IReadOnlyList<string> sentences, CancellationToken cancellationToken)
    {
        for (int i = 0; i < sentences.Count; i++)
            if (sentences[i] is null) throw new ArgumentException($"sentences[{i}] is null.", nameof(sentences));
        model.ComputeIn(start.Options.Precision);
        try
        {
            int[][] ids = BatchEncoder.Tokenize(model, sentences, 0, sentences.Count, cancellationToken, prompt: "", out _);
            return BatchEncoder.Encode(model, ids, start.Options.MaxTokensPerBatch, null, cancellationToken);
        }
        finally
        {
            model.ComputeIn(Precision.Float32);
        }
    }
}

/// <summary>Keeps a copy of the weights with the highest score so far.</summary>
internal sealed class BestWeights(EncoderModel model) : IDisposable
{
    private readonly Dictionary<string, Tensor> _copies = new(StringComparer.Ordinal);

    /// <summary>The evaluation of the kept weights, or null before the first; set when a run is resumed.</summary>
    public TrainingEvaluation? Evaluation { get; set; }

    /// <summary>The kept weights by name; none before the first evaluation.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _copies;

    /// <summary>Keeps the model's weights if their evaluation is better than that of the kept ones.</summary>
    /// <returns>Whether it is.</returns>
    public bool Offer(TrainingEvaluation evaluation)
    {
        if (Evaluation is not null && !(evaluation.Score > Evaluation.Score)) return false;
        Evaluation = evaluation;
        MakeRoom();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in model.Parameters) _copies[name].copy_(tensor);
        return true;
    }

    /// <summary>Makes the tensors that hold the kept weights, if there are none yet.</summary>
    public void MakeRoom()
    {
        if (_copies.Count > 0) return;
        using var scope = NewDisposeScope();
        // All or none: with some of them, the next call would believe that all are there.
        var made = model.Parameters.ToDictionary(p => p.Key, p => empty_like(p.Value, requires_grad: false), StringComparer.Ordinal);
        foreach (var (name, tensor) in made) _copies.Add(name, tensor.DetachFromDisposeScope());
    }

    /// <summary>Puts the kept weights into the model.</summary>
    public void Restore()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in model.Parameters) tensor.copy_(_copies[name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var copy in _copies.Values) copy.Dispose();
    }
}
