using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse;

/// <summary>Identifies the vectors of a generator: code that stores vectors, or what was decided by them, stores this beside
/// them.</summary>
/// <remarks>
/// A model's id is not enough: an encoder in another precision has the same weights, and so the same
/// <c>EmbeddingGeneratorMetadata.DefaultModelId</c>, and makes other vectors of them.
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
