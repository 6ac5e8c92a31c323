using System.Globalization;
using Microsoft.Extensions.AI;

namespace SynCse.Samples;

/// <summary>What a search is given: a text, whose vector is still to be made, or a vector.</summary>
internal sealed record SearchVector(string? Text, ReadOnlyMemory<float> Vector)
{
    /// <exception cref="NotSupportedException">It is neither.</exception>
    /// <exception cref="ArgumentException">The vector is empty, or holds a number that is not finite.</exception>
    public static SearchVector Of<TInput>(TInput searchValue) => searchValue switch
    {
        string text => new(text, default),
        ReadOnlyMemory<float> vector => new(null, Finite(vector)),
        float[] vector => new(null, Finite(vector)),
        Embedding<float> embedding => new(null, Finite(embedding.Vector)),
        _ => throw new NotSupportedException($"A search takes a text or a vector of float, not {typeof(TInput)}."),
    };

    private static ReadOnlyMemory<float> Finite(ReadOnlyMemory<float> searchValue)
    {
        if (searchValue.IsEmpty) throw new ArgumentException("The vector to search for is empty.", nameof(searchValue));
        foreach (float number in searchValue.Span)
        {
            if (!float.IsFinite(number))
            {
                string written = number.ToString(CultureInfo.InvariantCulture);
                throw new ArgumentException($"The vector to search for holds {written}, which is not finite.", nameof(searchValue));
            }
        }
        return searchValue;
    }
}
