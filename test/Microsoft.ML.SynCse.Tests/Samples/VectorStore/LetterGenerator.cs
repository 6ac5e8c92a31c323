using Microsoft.Extensions.AI;

namespace Microsoft.ML.SynCse.Tests;

/// <summary>A text's vector is how often a, b, c and d stand in it: no model, no torch. Thread-safe.</summary>
internal sealed class LetterGenerator(string model = "letters") : IEmbeddingGenerator<string, Embedding<float>>
{
    private int _calls;

    /// <summary>How often it was asked.</summary>
    public int Calls => _calls;

    /// <summary>Vectors that it leaves out.</summary>
    public int Missing { get; init; }

    /// <summary>What happens when it has its answer.</summary>
    public Action? After { get; init; }

    public static float[] VectorOf(string text) => [.. "abcd".Select(letter => (float)text.Count(c => c == letter))];

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        cancellationToken.ThrowIfCancellationRequested();
        var vectors = values.Skip(Missing).Select(text => new Embedding<float>(VectorOf(text)));
        After?.Invoke();
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(vectors));
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
        => serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, model) : null;

    public void Dispose()
    {
    }
}
