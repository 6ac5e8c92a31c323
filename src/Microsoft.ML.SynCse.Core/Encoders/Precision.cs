namespace Microsoft.ML.SynCse;

/// <summary>The number format a model computes in.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit brain floating point in the matrix products, with 32-bit accumulation.</summary>
    BFloat16,
}
