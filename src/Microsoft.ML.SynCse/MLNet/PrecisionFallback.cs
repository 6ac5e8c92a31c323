using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>The precision that a saved model is loaded in: the one it was saved in, and float32 in its place only where the application
/// asked for it.</summary>
/// <remarks><c>mlContext.Model.Load</c> takes no options, so the application asks by a switch of .NET: in code before the load, or in its
/// project file as a RuntimeHostConfigurationOption.</remarks>
internal static class PrecisionFallback
{
    /// <summary>The switch.</summary>
    public const string Switch = "Microsoft.ML.SynCse.AllowPrecisionFallback";

    /// <summary>The precision to load in; falling back is told to <c>MLContext.Log</c>.</summary>
    /// <param name="environment">Whose log it is.</param>
    /// <param name="saved">The precision that was saved.</param>
    /// <param name="device">Where the model goes.</param>
    /// <param name="what">The start of the messages.</param>
    /// <exception cref="NotSupportedException">The device lacks the precision, and nobody asked to fall back.</exception>
    public static Precision Pick(IHostEnvironment environment, Precision saved, torch.Device device, string what)
    {
        if (saved == Precision.Float32 || BFloat16Support.IsOn(device)) return saved;
        string lack = $"{what} was saved with SentenceEncoderOptions.Precision = {saved}, and {BFloat16Support.Lack}";
        if (!AppContext.TryGetSwitch(Switch, out bool allowed) || !allowed)
        {
            throw new NotSupportedException($"{lack}. Load it on a machine that has it, "
                + $"or call AppContext.SetSwitch(\"{Switch}\", true) before the load: "
                + $"it then computes in {Precision.Float32}, and its vectors differ by what bfloat16 rounds.");
        }
        using var channel = environment.Register(nameof(PrecisionFallback)).Start("Loading");
        channel.Warning("{0}", $"{lack}; it computes in {Precision.Float32} here, as the switch {Switch} asks, "
            + $"and its vectors differ by what bfloat16 rounds. Saved again from here it is a model in {Precision.Float32}.");
        return Precision.Float32;
    }
}
