using System.Globalization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;
using Microsoft.ML.SynCse.Native;
using TorchSharp;

[assembly: TextEncoderLoader(typeof(TorchEncoderLoader))]

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>Reads a <see cref="SentenceEncoder"/> from a model that <see cref="TextEncoderTransformer"/> saved.</summary>
internal sealed class TorchEncoderLoader : ITextEncoderLoader
{
    /// <summary>The settings of an encoder that are in none of its files.</summary>
    public static IReadOnlyDictionary<string, string> Settings(SentenceEncoderOptions options)
        => new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            // With other batches the last digits of a vector differ, and in another precision all but the first three.
            [nameof(options.MaxTokensPerBatch)] = options.MaxTokensPerBatch.ToString(CultureInfo.InvariantCulture),
            [nameof(options.Precision)] = options.Precision.ToString(),
        };

    /// <inheritdoc/>
    public TextEncoder Load(IHostEnvironment environment, IModelFileSource files, IReadOnlyDictionary<string, string> settings, string what)
    {
        if (!settings.TryGetValue(nameof(SentenceEncoderOptions.MaxTokensPerBatch), out string? tokens)
            || !int.TryParse(tokens, NumberStyles.None, CultureInfo.InvariantCulture, out int maxTokens) || maxTokens < 1
            || !settings.TryGetValue(nameof(SentenceEncoderOptions.Precision), out string? name)
            || !Enum.TryParse(name, out Precision saved) || !Enum.IsDefined(saved))
        {
            throw new InvalidDataException($"{what} has damaged settings. Copy or save the model again.");
        }
        return Load(environment, files, maxTokens, saved, what);
    }

    /// <summary>Reads an encoder to the device of the ML.NET context, in the precision in which it was saved.</summary>
    /// <exception cref="NotSupportedException">The device does not support the precision, and the application does not allow another
    /// (<see cref="PrecisionFallback"/>).</exception>
    public static SentenceEncoder Load(
        IHostEnvironment environment, IModelFileSource files, int maxTokensPerBatch, Precision saved, string what)
    {
        var device = TorchDevice.Pick(environment);
        var precision = PrecisionFallback.Pick(environment, saved, device, what);
        return SentenceEncoder.Load(files, new() { MaxTokensPerBatch = maxTokensPerBatch, Precision = precision }, device);
    }
}

/// <summary>The device of an <see cref="MLContext"/>.</summary>
internal static class TorchDevice
{
    /// <summary>The device by <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c>; the CPU if they are not set.</summary>
    public static torch.Device Pick(IHostEnvironment environment)
    {
        var settings = (IHostEnvironmentInternal)environment;
        return TorchRuntime.PickDevice(null, settings.GpuDeviceId, settings.FallbackToCpu);
    }

    /// <summary>The same as text, for options; null if <c>MLContext.GpuDeviceId</c> is not set.</summary>
    public static string? Name(IHostEnvironment environment)
    {
        if (((IHostEnvironmentInternal)environment).GpuDeviceId is null) return null;
        var device = Pick(environment);
        return device.type == DeviceType.CUDA ? $"cuda:{device.index}" : "cpu";
    }
}

/// <summary>The precision in which a saved model is loaded: that in which it was saved, or float32 if the machine does not support that one
/// and the application allows it.</summary>
/// <remarks><c>mlContext.Model.Load</c> takes no options, so the application allows it by a switch of .NET: in code before the load, or in
/// its project file as a RuntimeHostConfigurationOption.</remarks>
internal static class PrecisionFallback
{
    /// <summary>The name of the switch.</summary>
    public const string Switch = "Microsoft.ML.SynCse.AllowPrecisionFallback";

    /// <summary>The precision to load in; a change of it is a warning in <c>MLContext.Log</c>.</summary>
    /// <param name="environment">The ML.NET context.</param>
    /// <param name="saved">The precision in which the model was saved.</param>
    /// <param name="device">The device of the model.</param>
    /// <param name="what">The start of the messages.</param>
    /// <exception cref="NotSupportedException">The device does not support the precision, and the switch is not set.</exception>
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
