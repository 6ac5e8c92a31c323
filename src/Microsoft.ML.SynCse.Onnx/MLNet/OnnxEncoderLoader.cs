using System.Globalization;
using Microsoft.ML.Runtime;
using Microsoft.ML.SynCse.Core.Folders;
using Microsoft.ML.SynCse.Core.MLNet;
using Microsoft.ML.SynCse.Onnx.MLNet;

[assembly: TextEncoderLoader(typeof(OnnxEncoderLoader))]

namespace Microsoft.ML.SynCse.Onnx.MLNet;

/// <summary>Reads an <see cref="OnnxSentenceEncoder"/> from a model that <see cref="TextEncoderTransformer"/> saved.</summary>
internal sealed class OnnxEncoderLoader : ITextEncoderLoader
{
    /// <summary>The settings of an encoder that are in none of its files.</summary>
    public static IReadOnlyDictionary<string, string> Settings(OnnxEncoderOptions options) => new SortedDictionary<string, string>(
        StringComparer.Ordinal)
    {
        // With other batches the last digits of a vector differ, in int8 more.
        [nameof(options.MaxTokensPerBatch)] = options.MaxTokensPerBatch.ToString(CultureInfo.InvariantCulture),
    };

    /// <inheritdoc/>
    public TextEncoder Load(IHostEnvironment environment, IModelFileSource files, IReadOnlyDictionary<string, string> settings, string what)
    {
        if (!settings.TryGetValue(nameof(OnnxEncoderOptions.MaxTokensPerBatch), out string? tokens)
            || !int.TryParse(tokens, NumberStyles.None, CultureInfo.InvariantCulture, out int maxTokens) || maxTokens < 1)
        {
            throw new InvalidDataException($"{what} has damaged settings. Copy or save the model again.");
        }
        var encoder = OnnxSentenceEncoder.Load(files, new() { MaxTokensPerBatch = maxTokens });
        if (encoder.Warning is { } warning)
        {
            using var channel = environment.Register(nameof(OnnxEncoderLoader)).Start("Loading");
            channel.Warning("{0}", $"{what}: {warning}");
        }
        return encoder;
    }
}
