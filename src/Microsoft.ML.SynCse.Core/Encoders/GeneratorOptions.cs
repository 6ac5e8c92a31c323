using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>What Microsoft.Extensions.AI's options mean to an encoder.</summary>
internal static class GeneratorOptions
{
    /// <summary>The key in <c>AdditionalProperties</c> of a prompt's name.</summary>
    public const string PromptNameKey = "prompt_name";

    private const string PromptKey = "prompt";

    /// <summary>Whether the options say which prompt to use.</summary>
    public static bool NamesPrompt(EmbeddingGenerationOptions? options)
        => options?.AdditionalProperties is { } properties
            && (properties.GetValueOrDefault(PromptNameKey) ?? properties.GetValueOrDefault(PromptKey)) is not null;

    /// <summary>A copy of the options that names a prompt.</summary>
    public static EmbeddingGenerationOptions WithPromptName(EmbeddingGenerationOptions? options, string name)
    {
        var named = options?.Clone() ?? new();
        (named.AdditionalProperties ??= [])[PromptNameKey] = name;
        return named;
    }

    /// <summary>The options of an encoding.</summary>
    /// <exception cref="ArgumentException">A prompt is no text.</exception>
    /// <exception cref="NotSupportedException">Encoding options come by a way that caches do not see.</exception>
    public static EncodingOptions Read(EmbeddingGenerationOptions? options, IEmbeddingGenerator generator)
    {
        if (options is null) return new();
        // A cache's key is made of the options without this callback, so vectors of one prompt would be given out for another.
        if (options.RawRepresentationFactory?.Invoke(generator) is EncodingOptions)
            throw new NotSupportedException(
                $"EmbeddingGenerationOptions.RawRepresentationFactory gives EncodingOptions, which caches do not see: name the prompt in "
                + $"AdditionalProperties[\"{PromptNameKey}\"], the length in Dimensions.");
        return new() { PromptName = Text(options, PromptNameKey), Prompt = Text(options, PromptKey), Dimensions = options.Dimensions };
    }

    private static string? Text(EmbeddingGenerationOptions options, string key)
    {
        if (options.AdditionalProperties?.TryGetValue(key, out object? value) is not true || value is null) return null;
        return value as string
            ?? throw new ArgumentException(
            $"EmbeddingGenerationOptions.AdditionalProperties[\"{key}\"] is a {value.GetType().Name}; it must be a text.", nameof(options));
    }
}

/// <summary>The start of a vector, as Matryoshka models allow it.</summary>
internal static class ShortVector
{
    /// <summary>The first values of a vector.</summary>
    /// <param name="vector">The whole of it.</param>
    /// <param name="length">How many; at most its length.</param>
    /// <param name="normalize">Whether the result is scaled to length 1; zeros stay zeros.</param>
    public static float[] Of(float[] vector, int length, bool normalize)
    {
        float[] start = vector[..length];
        if (!normalize) return start;
        double norm = Math.Sqrt(start.Sum(x => (double)x * x));
        return norm == 0 ? start : Array.ConvertAll(start, x => (float)(x / norm));
    }
}
