using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a <see cref="SentenceEncoder"/> and embedding generators over it.</summary>
/// <remarks>As with every registration, not to be called from several threads at once.</remarks>
public static class SentenceEncoderServiceCollectionExtensions
{
    /// <summary>Registers the encoder of a folder or of a saved model's zip as a singleton; it is loaded when it is first needed.</summary>
    /// <remarks>What is registered: see <see cref="TextEncoderServiceCollectionExtensions.AddSentenceEncoder"/>.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="path">The folder or zip, as for <see cref="SentenceEncoder.Load(string, SentenceEncoderOptions?)"/>.</param>
    /// <param name="options">How to load it. Default: as the folder says, with the logger of the services.</param>
    /// <returns>The builder of the pipeline, for <c>UseDistributedCache</c>, <c>UseOpenTelemetry</c> and the like.</returns>
    /// <example><code>
    /// services.AddSentenceEncoder("models/support").UseDistributedCache();
    /// </code></example>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddSentenceEncoder(
        this IServiceCollection services, string path, SentenceEncoderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddSentenceEncoder(provider => SentenceEncoder.Load(path, WithLogger(options, provider)));
    }

    /// <summary>Registers the encoder that comes with the package as a singleton; it is loaded when it is first needed.</summary>
    /// <remarks>What is registered: see <see cref="TextEncoderServiceCollectionExtensions.AddSentenceEncoder"/>.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="options">How to load it. Default: as <see cref="SentenceEncoder.LoadDefault"/> does, with the logger of the
    /// services.</param>
    /// <returns>The builder of the pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddSentenceEncoder(
        this IServiceCollection services, SentenceEncoderOptions? options = null)
        => services.AddSentenceEncoder(provider => SentenceEncoder.LoadDefault(WithLogger(options, provider)));

    /// <summary>Registers the encoder of a folder or zip as one of several, under a key.</summary>
    /// <remarks>What is registered: see <see cref="TextEncoderServiceCollectionExtensions.AddKeyedSentenceEncoder"/>.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="path">The folder or zip.</param>
    /// <param name="options">How to load it. Default: as the folder says, with the logger of the services.</param>
    /// <returns>The builder of the pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddKeyedSentenceEncoder(
        this IServiceCollection services, object serviceKey, string path, SentenceEncoderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddKeyedSentenceEncoder(serviceKey, provider => SentenceEncoder.Load(path, WithLogger(options, provider)));
    }

    private static SentenceEncoderOptions WithLogger(SentenceEncoderOptions? options, IServiceProvider provider)
    {
        options ??= new();
        return options.Logger is null && provider.GetService<ILoggerFactory>() is { } factory
            ? options with { Logger = factory.CreateLogger<SentenceEncoder>() } : options;
    }
}
