using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse;

/// <summary>Identifies the encoder that made a vector. Store this value with your vectors, and compare it before you use them
/// again.</summary>
/// <remarks>
/// The model id (<c>EmbeddingGeneratorMetadata.DefaultModelId</c>) alone is not enough: in another precision the same encoder has the same
/// id but makes different vectors. The method may be called from several threads at once.
/// </remarks>
public static class EmbeddingIdentity
{
    /// <summary>The key under which <see cref="TextEncoder.GetService"/> has the identity, a string; a pipeline in front of it passes
    /// the question on.</summary>
    public const string ServiceKey = "Microsoft.ML.SynCse.EmbeddingIdentity";

    /// <summary>The identity of a generator's vectors.</summary>
    /// <param name="generator">An encoder, a pipeline in front of one, or any other generator.</param>
    /// <returns>
    /// Of a <see cref="TextEncoder"/>, its fingerprint, with the precision where that is not <see cref="Precision.Float32"/>; of
    /// another generator, the model that its metadata name; null where they name none.
    /// </returns>
    public static string? Of(IEmbeddingGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return generator.GetService(typeof(string), ServiceKey) as string
            ?? (generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId;
    }
}
