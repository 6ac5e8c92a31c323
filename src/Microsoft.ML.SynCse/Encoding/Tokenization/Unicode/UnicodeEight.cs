namespace Microsoft.ML.SynCse;

internal static class UnicodeEight
{
    public static bool Lacks(int value) => false;
}
