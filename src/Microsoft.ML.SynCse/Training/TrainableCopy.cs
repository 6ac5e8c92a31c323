using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Encoders;
using Microsoft.ML.SynCse.Native;
using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Training;

/// <summary>The copy of the start encoder that a run trains.</summary>
internal static class TrainableCopy
{
    /// <summary>Copies the model to the run's device, with the run's pooling and head.</summary>
    /// <exception cref="ArgumentException">Anchors alone without dropout: both passes of a sentence would be the same.</exception>
    public static EncoderModel Create(EncoderModel start, TrainingMode mode, ContrastiveTrainingOptions options)
    {
        if (mode == TrainingMode.Unsupervised && (options.Dropout ?? Math.Max(start.Network.HiddenDropout, start.Network.AttentionDropout)) == 0)
            throw new ArgumentException("Anchors alone are trained on by two passes that differ in dropout, and Dropout is 0: set ContrastiveTrainingOptions.Dropout over 0, or give positives.", nameof(options));
        var device = options.Device is null ? start.Device : TorchRuntime.PickDevice(options.Device);
        if (options.Precision == Precision.BFloat16) BFloat16Support.Require($"ContrastiveTrainingOptions.{nameof(options.Precision)}", device);
        var pooling = options.Pooling ?? start.Pooling;
        if (options.ProjectionHead == ProjectionHead.None) return start.Clone(device, pooling);
        using var generator = new Generator((ulong)SeedMixer.Mix(options.Seed, "head"));
        using var fresh = DenseHead.Fresh(start.Dimensions, generator, device);
        return start.Clone(device, pooling, fresh.Clone(device));
    }
}
