using System.Text.Json.Nodes;
using Microsoft.ML.SynCse.Core.Folders;

namespace Microsoft.ML.SynCse.Encoders.Architectures;

/// <summary>Settings of config.json that change what a model computes, and that no architecture here has.</summary>
internal static class UnsupportedSettings
{
    private static readonly (string Field, string Why)[] Flags =
    [
        ("is_decoder", "a token then sees only those before it"),
        ("add_cross_attention", "the model then reads a second text"),
        ("is_encoder_decoder", "the model then has two halves"),
    ];

    /// <summary>Throws where one is set.</summary>
    /// <exception cref="InvalidDataException">One is; names file and field.</exception>
    public static void Refuse(ModelConfiguration configuration)
    {
        foreach (var (field, why) in Flags)
            if (configuration.Flag(field, fallback: false))
                throw configuration.Error($"{field} is true: {why}, which is not supported. An encoder of sentences has it false.");
        if (configuration.Value("quantization_config") is { } quantized)
            throw configuration.Error($"quantization_config{Method(quantized)} is set: quantized weights are not supported. "
                + "Give the model's folder with full weights (float32, float16 or bfloat16).");
        if (configuration.Value("pruned_heads") is JsonObject { Count: > 0 })
            throw configuration.Error("pruned_heads names attention heads that were cut out, which is not supported. "
                + "Give the model with all of its heads.");
    }

    private static string Method(JsonNode quantized)
        => quantized is JsonObject o && o["quant_method"] is { } method ? $" ({ModelFileName.Shown(method.ToString())})" : "";
}
