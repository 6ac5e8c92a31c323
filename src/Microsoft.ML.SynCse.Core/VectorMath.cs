namespace Microsoft.ML.SynCse.Core;

/// <summary>Small vector figures; a vector of zeros is similar to nothing.</summary>
internal static class VectorMath
{
    /// <summary>The cosine of two vectors of one length, in [-1, 1]; 0 where one is all zeros.</summary>
    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        if (left.Length != right.Length) throw new ArgumentException(
            $"The vectors have {left.Length} and {right.Length} values.", nameof(right));
        // Not TensorPrimitives.CosineSimilarity: it sums in single precision, and scores of earlier runs would change in the last digits.
        double product = 0, squares1 = 0, squares2 = 0;
        for (int i = 0; i < left.Length; i++)
        {
            product += (double)left[i] * right[i];
            squares1 += (double)left[i] * left[i];
            squares2 += (double)right[i] * right[i];
        }
        double lengths = Math.Sqrt(squares1 * squares2);
        return lengths == 0 ? 0 : Math.Clamp(product / lengths, -1, 1);
    }
}
