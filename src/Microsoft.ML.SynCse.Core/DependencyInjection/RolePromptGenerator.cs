using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.ML.SynCse.Core.Encoders;

namespace Microsoft.ML.SynCse.Core.DependencyInjection;

/// <summary>A generator that adds the prompt of one role to every call that names no prompt itself.</summary>
/// <remarks>It works in front of a whole pipeline: the prompt's name is in the options, so a cache in the pipeline keeps the vectors of
/// both roles apart.</remarks>
internal sealed class RolePromptGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly string _promptName;

    /// <param name="inner">The pipeline; it ends in a <see cref="TextEncoder"/>.</param>
    /// <param name="role">The role.</param>
    /// <param name="key">The key under which the generator is registered, for the error.</param>
    /// <exception cref="InvalidOperationException">The encoder's folder has no prompt for the role.</exception>
    public RolePromptGenerator(IEmbeddingGenerator<string, Embedding<float>> inner, PromptRole role, string key)
        : base(inner)
    {
        var encoder = inner.GetService<TextEncoder>()
            ?? throw new InvalidOperationException(
                $"The embedding generator '{key}' needs a pipeline that ends in a TextEncoder; this one ends in another generator.");
        string has = encoder.Prompts.Count == 0 ? "it has none"
            : $"its prompts are {string.Join(", ", encoder.Prompts.Keys.Select(name => $"'{name}'"))}";
        _promptName = (role == PromptRole.Query ? encoder.QueryPromptName : encoder.DocumentPromptName)
            ?? throw new InvalidOperationException(
            $"There is no embedding generator '{key}': the encoder{(encoder.Card.Name is { } known ? $" '{known}'" : "")} has no prompt "
                + $"for it ({has}). "
            + $"Use the generator without the key, or name one of its prompts in "
                + $"AdditionalProperties[\"{GeneratorOptions.PromptNameKey}\"].");
    }

    /// <inheritdoc/>
    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        => base.GenerateAsync(
            values, GeneratorOptions.NamesPrompt(options) ? options
            : GeneratorOptions.WithPromptName(options, _promptName), cancellationToken);

    // The pipeline belongs to the container, which has it under another key.
    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>The end of a pipeline: an encoder, with one warning if a folder that has prompts for queries and for documents is used with
/// neither.</summary>
internal sealed class UnpromptedUseGenerator(TextEncoder encoder, ILogger? logger, string queryKey, string documentKey)
    : DelegatingEmbeddingGenerator<string, Embedding<float>>(encoder)
{
    private int _warned;

    /// <inheritdoc/>
    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (logger is not null && encoder.DefaultPromptName is null && !GeneratorOptions.NamesPrompt(options)
            && encoder.QueryPromptName is { } query && encoder.DocumentPromptName is { } document
            // sentence-transformers saves both names with empty texts where a model needs no prompts.
            && encoder.Prompts[query].Length + encoder.Prompts[document].Length > 0
            && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            logger.LogWarning(
                "The encoder has the prompts '{QueryPrompt}' and '{DocumentPrompt}', and it is used with neither. Search results are "
                    + "usually "
                    + "worse without prompts: resolve the keyed generators \"{QueryKey}\" and \"{DocumentKey}\".",
                query, document, queryKey, documentKey);
        }
        return base.GenerateAsync(values, options, cancellationToken);
    }
}
