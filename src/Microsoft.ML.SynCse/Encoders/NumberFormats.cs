using static TorchSharp.torch;

namespace Microsoft.ML.SynCse.Encoders;

/// <summary>Changes between number formats inside a computation.</summary>
internal static class NumberFormats
{
    /// <summary>The tensor in a format: itself where it has it.</summary>
    public static Tensor In(this Tensor x, ScalarType type) => x.dtype == type ? x : x.to(type);
}
