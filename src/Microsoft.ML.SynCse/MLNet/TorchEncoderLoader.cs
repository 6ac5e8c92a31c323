using System.Globalization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.MLNet;

[assembly: TextEncoderLoader(typeof(TorchEncoderLoader))]

namespace Microsoft.ML.SynCse.MLNet;

/// <summary>Reads a <see cref="SentenceEncoder"/> out of a model that <see cref="TextEncoderTransformer"/> saved.</summary>
internal sealed class TorchEncoderLoader : ITextEncoderLoader
{
    /// <summary>The settings of an encoder that are in none of its files.</summary>
    public static IReadOnlyDictionary<string, string> Settings(SentenceEncoderOptions options) => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        // With other batches the last digits of a vector differ, and in another precision all but the first three.
        [nameof(options.MaxTokensPerBatch)] = options.MaxTokensPerBatch.ToString(CultureInfo.InvariantCulture),
        [nameof(options.Precision)] = options.Precision.ToString(),
    };

    /// <inheritdoc/>
    public TextEncoder Load(IHostEnvironment environment, IModelFileSource files, IReadOnlyDictionary<string, string> settings, string what)
    {
        if (!settings.TryGetValue(nameof(SentenceEncoderOptions.MaxTokensPerBatch), out var tokens)
            || !int.TryParse(tokens, NumberStyles.None, CultureInfo.InvariantCulture, out int maxTokens) || maxTokens < 1
            || !settings.TryGetValue(nameof(SentenceEncoderOptions.Precision), out var name)
            || !Enum.TryParse(name, out Precision saved) || !Enum.IsDefined(saved))
        {
            throw new InvalidDataException($"{what} has damaged settings. Copy or save the model again.");
        }
        var device = TorchDevice.Pick(environment);
        var options = new SentenceEncoderOptions { MaxTokensPerBatch = maxTokens, Precision = PrecisionFallback.Pick(environment, saved, device, what) };
        return SentenceEncoder.Load(files, options, device);
    }
}
