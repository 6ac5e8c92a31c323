namespace Microsoft.ML.SynCse.Core.Encoders;

/// <summary>The start of a vector, as Matryoshka models allow it.</summary>
internal static class ShortVector
{
    /// <summary>The first values of a vector.</summary>
    /// <param name="vector">The whole of it.</param>
    /// <param name="length">How many; at most its length.</param>
    /// <param name="normalize">Whether the result is scaled to length 1; zeros stay zeros.</param>
    public static float[] Of(float[] vector, int length, bool normalize)
    {
        var start = vector[..length];
        if (!normalize) return start;
        double norm = Math.Sqrt(start.Sum(x => (double)x * x));
        return norm == 0 ? start : Array.ConvertAll(start, x => (float)(x / norm));
    }
}
