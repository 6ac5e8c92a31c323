namespace Microsoft.ML.SynCse.Tests;

internal static class VectorAssert
{
    /// <summary>Equal within what other batch shapes may change.</summary>
    public static void AreClose(float[] expected, float[] actual, double tolerance = 1e-5)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"element {i}");
    }
}
