using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse;
using Microsoft.ML.SynCse.Core.DependencyInjection;
using Microsoft.ML.SynCse.Core.Encoders;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a <see cref="TextEncoder"/> and embedding generators over it.</summary>
/// <remarks>As with every registration, not to be called from several threads at once.</remarks>
public static class TextEncoderServiceCollectionExtensions
{
    /// <summary>The key of the generator that puts the folder's prompt for search queries before each text.</summary>
    public const string QueryKey = "query";

    /// <summary>The key of the generator that puts the folder's prompt for documents before each text.</summary>
    public const string DocumentKey = "document";

    /// <summary>Registers an encoder as a singleton, and the generators over it.</summary>
    /// <remarks>
    /// <para>Registered are: <see cref="TextEncoder"/>; <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c>, the pipeline that
    /// the returned builder makes; and two keyed generators over that pipeline, <see cref="QueryKey"/> and <see cref="DocumentKey"/>.
    /// Models such as E5 and BGE need queries and documents with different prompts; a keyed generator adds the prompt that the model's
    /// folder names for its role. Resolving one of them throws <see cref="InvalidOperationException"/> if the folder has no such
    /// prompt.</para>
    /// <para>If the folder has both prompts, the generator without a key logs one warning the first time that it is used without a
    /// prompt.</para>
    /// <para>The container disposes the encoder.</para>
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="factory">Makes the encoder, once, when it is first needed.</param>
    /// <returns>The builder of the pipeline, for <c>UseDistributedCache</c>, <c>UseOpenTelemetry</c> and the like.</returns>
    /// <example><code>
    /// services.AddSentenceEncoder(_ => SentenceEncoder.Load("models/e5-small")).UseOpenTelemetry();
    /// // ...
    /// public class Search([FromKeyedServices("query")] IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt; queries) { }
    /// </code></example>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddSentenceEncoder(
        this IServiceCollection services, Func<IServiceProvider, TextEncoder> factory)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(factory);
        services.AddSingleton(factory);                                // as everywhere in .NET, the last registration counts
        AddRole(services, QueryKey, PromptRole.Query,
            provider => provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        AddRole(services, DocumentKey, PromptRole.Document,
            provider => provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
        return services.AddEmbeddingGenerator(
            provider => Unprompted(provider, provider.GetRequiredService<TextEncoder>(), QueryKey, DocumentKey));
    }

    /// <summary>Registers one of several encoders as a keyed singleton, and the generators over it.</summary>
    /// <remarks>
    /// As <see cref="AddSentenceEncoder"/>, with <paramref name="serviceKey"/> as the key of the encoder and of its generator. The
    /// generators for queries and documents have the keys <c>"{serviceKey}.query"</c> and <c>"{serviceKey}.document"</c>.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="factory">Makes the encoder, once, when it is first needed.</param>
    /// <returns>The builder of the pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddKeyedSentenceEncoder(
        this IServiceCollection services, object serviceKey, Func<IServiceProvider, TextEncoder> factory)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(factory);
        services.AddKeyedSingleton(serviceKey, (provider, _) => factory(provider));
        AddRole(services, $"{serviceKey}.{QueryKey}", PromptRole.Query, Keyed);
        AddRole(services, $"{serviceKey}.{DocumentKey}", PromptRole.Document, Keyed);
        return services.AddKeyedEmbeddingGenerator(
            serviceKey, provider
                => Unprompted(provider, provider.GetRequiredKeyedService<TextEncoder>(serviceKey), $"{serviceKey}.{QueryKey}",
                $"{serviceKey}.{DocumentKey}"));

        IEmbeddingGenerator<string, Embedding<float>> Keyed(IServiceProvider provider)
            => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(serviceKey);
    }

    private static void AddRole(
        IServiceCollection services, string key, PromptRole role,
            Func<IServiceProvider, IEmbeddingGenerator<string, Embedding<float>>> pipeline)
        => services.TryAddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(key,
            (provider, _) => new RolePromptGenerator(pipeline(provider), role, key));

    private static UnpromptedUseGenerator Unprompted(IServiceProvider provider, TextEncoder encoder, string queryKey, string documentKey)
        => new(encoder, provider.GetService<ILoggerFactory>()?.CreateLogger<TextEncoder>(), queryKey, documentKey);
}
