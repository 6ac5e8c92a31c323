using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Training.Steps;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.SynCse.Training.Objectives;

/// <summary>The auxiliary masked-language-model loss (SimCSE, section 6.3): a second pass over the step's sentences with words hidden, which are guessed.</summary>
/// <remarks>Goes backward chunk by chunk, so that it holds one chunk's activations whatever the batch.</remarks>
internal sealed class MaskedLanguageObjective(EncoderModel model, StepEncoder encoder, MaskedLanguageHead head, ITokenMasker masker, double weight) : IDisposable
{
    /// <summary>The head's tensors by name, to be trained too.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters => head.Weights.Tensors.Select(t => KeyValuePair.Create($"mlm.{t.Key}", t.Value));

    /// <summary>Adds the weighted loss's gradients to the parameters.</summary>
    /// <param name="sentences">Token ids of each sentence.</param>
    /// <param name="step">The step, from 1.</param>
    /// <returns>The loss before its weight: the mean over all hidden words; 0 where none is.</returns>
    public double Backward(IReadOnlyList<int[]> sentences, int step)
    {
        using var scope = NewDisposeScope();
        var seen = sentences.Select(s => (int[])s.Clone()).ToArray();
        var hidden = Hide(seen, step);
        int total = hidden.Sum(places => places.Count);
        if (total == 0) return 0;
        double sum = 0;
        var plan = encoder.Plan(seen);
        for (int chunk = 0; chunk < plan.Batches.Count; chunk++)
        {
            using var inner = NewDisposeScope();
            var rows = plan.Rows[chunk];
            int length = plan.Batches[chunk].Length;
            var places = rows.SelectMany((sentence, row) => hidden[sentence].Select(position => (Place: (long)row * length + position, Word: (long)sentences[sentence][position]))).ToArray();
            if (places.Length == 0) continue;
            var state = encoder.LastLayer(plan.Batches[chunk], step, chunk).index_select(0, tensor(places.Select(p => p.Place).ToArray(), device: model.Device));
            var words = tensor(places.Select(p => p.Word).ToArray(), device: model.Device);
            var loss = F.cross_entropy(head.Apply(state, model.Network.WordTable), words, reduction: nn.Reduction.Sum);
            loss.mul(weight / total).backward();
            sum += loss.item<float>();
        }
        return sum / total;
    }

    /// <inheritdoc/>
    public void Dispose() => head.Dispose();

    private List<int>[] Hide(int[][] seen, int step)
    {
        var hidden = new List<int>[seen.Length];
        for (int sentence = 0; sentence < seen.Length; sentence++)
        {
            hidden[sentence] = [];
            for (int position = 1; position < seen[sentence].Length - 1; position++)
            {
                if (masker.Mask(sentence, position, step, seen[sentence][position]) is not { } shown) continue;
                seen[sentence][position] = shown;
                hidden[sentence].Add(position);
            }
        }
        return hidden;
    }
}
