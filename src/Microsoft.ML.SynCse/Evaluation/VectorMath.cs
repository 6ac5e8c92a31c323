using System.Numerics.Tensors;

namespace Microsoft.ML.SynCse;

/// <summary>Small vector figures; a vector of zeros is similar to nothing.</summary>
internal static class VectorMath
{
    /// <summary>The cosine of two vectors, in [-1, 1]; 0 where one is all zeros.</summary>
    public static double Cosine(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double product = Math.Sqrt((double)TensorPrimitives.SumOfSquares(left) * TensorPrimitives.SumOfSquares(right));
        return product == 0 ? 0 : Math.Clamp(TensorPrimitives.Dot(left, right) / product, -1, 1);
    }
}
