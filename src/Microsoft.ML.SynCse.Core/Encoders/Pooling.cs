namespace Microsoft.ML.SynCse;

/// <summary>How the token vectors of a sentence become one vector.</summary>
public enum Pooling
{
    /// <summary>The last layer's vector of the first token.</summary>
    Cls,

    /// <summary>The mean of the last layer over all tokens, special tokens included.</summary>
    Mean,

    /// <summary>The maximum of the last layer over all tokens, for each dimension.</summary>
    Max,

    /// <summary>The mean over tokens of the average of the first and the last transformer layer's output (SimCSE's
    /// <c>avg_first_last</c>).</summary>
    AverageFirstLast,

    /// <summary>The mean over tokens of the average of the last two transformer layers' output (SimCSE's <c>avg_top2</c>).</summary>
    AverageTopTwo,
}
