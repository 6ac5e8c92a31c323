using Microsoft.Extensions.Caching.Distributed;
using Microsoft.ML.SynCse;

namespace Microsoft.Extensions.AI;

/// <summary>Microsoft.Extensions.AI's cache before a <see cref="TextEncoder"/>.</summary>
/// <remarks>As with every pipeline builder, not to be called from several threads at once.</remarks>
public static class TextEncoderCacheExtensions
{
    /// <summary>Adds a cache as the next stage of the pipeline, as Microsoft.Extensions.AI's <c>UseDistributedCache</c> does, whose
    /// entries belong to one encoder.</summary>
    /// <remarks>
    /// <para>The cache makes its keys of text and options before the encoder is asked, so two encoders over one store would be given each
    /// other's vectors. Where the pipeline ends in a <see cref="TextEncoder"/>, this adds the encoder's fingerprint and precision to
    /// <c>CacheKeyAdditionalValues</c>; over any other generator it does nothing more than the generic method.</para>
    /// <para>The compiler chooses this method over the generic one where both namespaces are imported. Code that makes a
    /// <c>DistributedCachingEmbeddingGenerator</c> itself, or calls the generic method with type arguments, sets
    /// <c>CacheKeyAdditionalValues = [EmbeddingIdentity.Of(encoder)]</c> itself.</para>
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="storage">The store. Default: null, the one that dependency injection has.</param>
    /// <param name="configure">Sets the cache up. Default: nothing. Values that it gives for the key are kept.</param>
    /// <returns>The pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> UseDistributedCache(
        this EmbeddingGeneratorBuilder<string, Embedding<float>> builder, IDistributedCache? storage = null,
        Action<DistributedCachingEmbeddingGenerator<string, Embedding<float>>>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return DistributedCachingEmbeddingGeneratorBuilderExtensions.UseDistributedCache(builder, storage, cache =>
        {
            configure?.Invoke(cache);
            if (cache.GetService<TextEncoder>() is not { } encoder) return;
            cache.CacheKeyAdditionalValues = [.. cache.CacheKeyAdditionalValues ?? [], EmbeddingIdentity.Of(encoder)!];
        });
    }
}
